"""Which modalities there are."""

from collections.abc import Collection

from archive import rows
from archive.models import Study

#: More combinations than a hospital has.
MOST = 2000


def combinations() -> list[str]:
    """Every value of Modalities in Study."""
    return rows.distinct(Study, "modalities_in_study", MOST)


def modalities() -> list[str]:
    """Every modality of a study, in alphabetic order."""
    return sorted({modality for value in combinations() for modality in value.split("\\")} - {""})


def combinations_with(wanted: Collection[str]) -> list[str]:
    """The values of Modalities in Study that have one of these modalities."""
    return [value for value in combinations() if set(wanted) & set(value.split("\\"))]
