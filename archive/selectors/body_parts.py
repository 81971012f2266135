"""Which body parts there are, found by skipping through an index, and which were examined in studies."""

from collections.abc import Collection, Mapping, Sequence

from archive import rows
from archive.models import Series

#: Each step finds the next value, in the order of the index.
_SKIPPING = """
WITH RECURSIVE found(value) AS (
    SELECT min(body_part_examined) FROM archive_series
    UNION ALL
    SELECT (SELECT min(body_part_examined) FROM archive_series WHERE body_part_examined > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value > '' LIMIT %s
"""
#: PS3.16 Annex L has some hundred terms, and devices have some of their own.
MOST = 1000


def body_parts() -> list[str]:
    """Every value of Body Part Examined."""
    return [value for (value,) in rows.select(_SKIPPING, MOST)]


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
