"""What people want to know of a workitem, out of its data set."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.person_names import text_of
from archive.dicom.value_representations import first_value
from workflow.codes import Code
from workflow.tags import (
    ACCESSION_NUMBER,
    COMMUNICATIONS_URI_SEQUENCE,
    CONTACT_DISPLAY_NAME,
    CONTACT_URI,
    INPUT_INFORMATION_SEQUENCE,
    OUTPUT_INFORMATION_SEQUENCE,
    PERFORMED_PROCEDURE_SEQUENCE,
    PROGRESS,
    PROGRESS_DESCRIPTION,
    PROGRESS_INFORMATION_SEQUENCE,
    REFERENCED_REQUEST_SEQUENCE,
    REFERENCED_SOP_SEQUENCE,
    SCHEDULED_STATION_NAME_CODE_SEQUENCE,
    SERIES_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)

#: A Contact URI can be anything (PS3.3 Section C.30.1); these a browser may follow.
FOLLOWED = ("https:", "http:", "mailto:", "tel:")


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a performer can be reached; `link` is empty where following it would not lead there."""

    name: str
    uri: str

    @property
    def link(self) -> str:
        return self.uri if self.uri.lower().startswith(FOLLOWED) else ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is; `percent` is None where nobody says."""

    percent: int | None
    description: str
    contacts: Sequence[Contact]

    @classmethod
    def of(cls, data_set: DataSet) -> "Progress":
        item = progress_item(data_set)
        contacts = [
            Contact(text(one, CONTACT_DISPLAY_NAME), text(one, CONTACT_URI))
            for one in items(item, COMMUNICATIONS_URI_SEQUENCE)
        ]
        return cls(_percent(first_value(item, PROGRESS)), text(item, PROGRESS_DESCRIPTION), contacts)


@dataclass(frozen=True, slots=True)
class Reference:
    """An item of Input or Output Information Sequence: so many instances of a series, or of a whole study."""

    study: str
    series: str
    instances: int


def inputs(data_set: DataSet) -> list[Reference]:
    return list(_references(data_set, INPUT_INFORMATION_SEQUENCE))


def outputs(data_set: DataSet) -> list[Reference]:
    return list(_references(performed_item(data_set), OUTPUT_INFORMATION_SEQUENCE))


def studies(data_set: DataSet) -> list[str]:
    """The studies that the step is about: those that were requested, and those that it reads."""
    named = [data_set, *items(data_set, REFERENCED_REQUEST_SEQUENCE), *items(data_set, INPUT_INFORMATION_SEQUENCE)]
    return list(dict.fromkeys(uid for item in named if (uid := text(item, STUDY_INSTANCE_UID))))


def accession_numbers(data_set: DataSet) -> list[str]:
    numbers = (text(item, ACCESSION_NUMBER) for item in items(data_set, REFERENCED_REQUEST_SEQUENCE))
    return list(dict.fromkeys(filter(None, numbers)))


def stations(data_set: DataSet) -> list[Code]:
    """Where it is to be done."""
    return codes(data_set, SCHEDULED_STATION_NAME_CODE_SEQUENCE)


# -- parts of data sets ----------------------------------------------------------


def codes(data_set: DataSet, tag: str) -> list[Code]:
    return [Code.of(item) for item in items(data_set, tag)]


def progress_item(data_set: DataSet) -> DataSet:
    return next(items(data_set, PROGRESS_INFORMATION_SEQUENCE), {})


def performed_item(data_set: DataSet) -> DataSet:
    """The one item that Unified Procedure Step Performed Procedure Sequence can have (PS3.3 Section C.30.3)."""
    return next(items(data_set, PERFORMED_PROCEDURE_SEQUENCE), {})


def items(data_set: DataSet, tag: str) -> Iterator[DataSet]:
    return (item for item in data_set.get(tag, {}).get("Value", ()) if isinstance(item, dict))


def text(data_set: DataSet, tag: str) -> str:
    """The first value as text."""
    value = first_value(data_set, tag)
    return "" if value is None else text_of(value)


def _references(data_set: DataSet, tag: str) -> Iterator[Reference]:
    for item in items(data_set, tag):
        number = sum(1 for _ in items(item, REFERENCED_SOP_SEQUENCE))
        yield Reference(text(item, STUDY_INSTANCE_UID), text(item, SERIES_INSTANCE_UID), number)


def _percent(value: Any) -> int | None:
    """A DS may be a number or a text, and neither need be between 0 and 100."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return round(min(max(number, 0), 100)) if math.isfinite(number) else None
