"""Which labels there are, on how many studies each is, and which are on some studies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from archive import rows
from archive.models import Label, StudyLabel
from archive.study_list_query import MOST_LISTED

#: Each count ends at its bound, whatever there is.
_COUNTED = """
SELECT id, name, color, (
    SELECT count(*) FROM (SELECT 1 FROM archive_studylabel WHERE label_id = archive_label.id LIMIT %s) AS counted
)
FROM archive_label ORDER BY name_key
"""


@dataclass(frozen=True, slots=True)
class CountedLabel:
    """A label, and how many studies have it: `more` of them than are counted."""

    pk: int
    name: str
    color: str
    studies: int
    more: bool = False


def labels() -> list[CountedLabel]:
    """All labels by their names, with all their studies, up to `MOST_LISTED`."""
    found = rows.select(_COUNTED, MOST_LISTED + 1)
    return [
        CountedLabel(pk, name, color, min(number, MOST_LISTED), number > MOST_LISTED)
        for pk, name, color, number in found
    ]


def among(uids: Collection[str]) -> list[CountedLabel]:
    """All labels by their names, with how many of these studies have each."""
    put_on = StudyLabel.objects.filter(study__study_instance_uid__in=uids).order_by()
    numbers = dict(put_on.values_list("label").annotate(Count("pk")))
    all_labels = Label.objects.order_by("name_key")
    return [CountedLabel(label.pk, label.name, label.color, numbers.get(label.pk, 0)) for label in all_labels]


def of_studies(pks: Collection[int]) -> Mapping[int, Sequence[StudyLabel]]:
    """By the primary keys of studies, what labels are on each; those without any are left out."""
    found: dict[int, list[StudyLabel]] = {}
    put_on = StudyLabel.objects.filter(study__in=pks).select_related("label").order_by("label__name_key")
    for one in put_on:
        found.setdefault(one.study_id, []).append(one)
    return found


def of_study(pk: int) -> Sequence[StudyLabel]:
    """What labels are on a study, with who has put them there."""
    put_on = StudyLabel.objects.filter(study=pk).select_related("label", "added_by")
    return list(put_on.order_by("label__name_key"))
