"""Which modalities there are: found by skipping through an index, never by reading all studies."""

from collections.abc import Collection

from archive import rows

#: Each step finds the next value, in the order of the index.
_SKIPPING = """
WITH RECURSIVE found(value) AS (
    SELECT min(modalities_in_study) FROM archive_study
    UNION ALL
    SELECT (SELECT min(modalities_in_study) FROM archive_study WHERE modalities_in_study > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""
#: More combinations than a hospital has.
MOST = 2000


def combinations() -> list[str]:
    """Every value of Modalities in Study."""
    return [value for (value,) in rows.select(_SKIPPING, MOST)]


def modalities() -> list[str]:
    """Every modality of a study, in alphabetic order."""
    return sorted({modality for value in combinations() for modality in value.split("\\")} - {""})


def combinations_with(wanted: Collection[str]) -> list[str]:
    """The values of Modalities in Study that have one of these modalities."""
    return [value for value in combinations() if set(wanted) & set(value.split("\\"))]
