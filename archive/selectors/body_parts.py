"""Which body parts there are, and which were examined in studies."""

from collections.abc import Collection, Mapping, Sequence

from archive import rows
from archive.models import Series

#: PS3.16 Annex L has some hundred terms, and devices have some of their own.
MOST = 1000


def body_parts() -> list[str]:
    """Every value of Body Part Examined."""
    return rows.distinct(Series, "body_part_examined", MOST, where="body_part_examined > ''")


def beginning_with(text: str) -> list[str]:
    """Those that begin with a text, in capitals or not."""
    return [value for value in body_parts() if value.casefold().startswith(text.casefold())]


def of_studies(pks: Collection[int]) -> Mapping[int, Sequence[str]]:
    """By the primary keys of studies, what was examined, in alphabetic order."""
    found: dict[int, set[str]] = {}
    named = Series.objects.filter(study__in=pks, body_part_examined__gt="").order_by()
    for study, text in named.values_list("study_id", "body_part_examined").distinct():
        found.setdefault(study, set()).update(filter(None, text.split("\\")))
    return {study: sorted(parts) for study, parts in found.items()}
