"""Whose document it is, what it is, and who answers for it: the Patient, Study and SR Document General Modules."""

from collections.abc import Callable, Iterator

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.reports.budget import Budget
from archive.dicom.rendering.reports.references import hierarchical, kind_of
from archive.dicom.rendering.reports.report import Field, Reference
from archive.dicom.rendering.words import joined, words

SOP_CLASS_UID = "00080016"
_VERIFYING_OBSERVER_SEQUENCE, _AUTHOR_OBSERVER_SEQUENCE = "0040A073", "0040A078"
_PARTICIPANT_SEQUENCE, _CUSTODIAL_ORGANIZATION_SEQUENCE = "0040A07A", "0040A07C"
_PREDECESSOR_DOCUMENTS_SEQUENCE, _IDENTICAL_DOCUMENTS_SEQUENCE = "0040A360", "0040A525"

_VERIFYING_OBSERVER_NAME, _VERIFYING_ORGANIZATION, _VERIFICATION_DATE_TIME = "0040A075", "0040A027", "0040A030"
_PARTICIPATION_TYPE, _PARTICIPATION_DATE_TIME = "0040A080", "0040A082"
_INSTITUTION_NAME = "00080080"
#: A person's name, or a device's manufacturer, model and station, and where they belong (PS3.3 Table C.17-3b).
_WHO = ("0040A123", "00080070", "00081090", "00081010", _INSTITUTION_NAME)

_Values = Callable[[Attributes], Iterator[str | Reference]]


def head(attributes: Attributes, budget: Budget) -> tuple[Field, ...]:
    """The lines that say something."""
    fields = (Field(name, tuple(_within(budget, values(attributes)))) for name, values in _FIELDS.items())
    return tuple(field for field in fields if field.values)


def _within(budget: Budget, values: Iterator[str | Reference]) -> Iterator[str | Reference]:
    for value in values:
        if not value:
            continue
        if not budget.items(1):
            return
        yield budget.text(value) if isinstance(value, str) else value


def _line(*keys: str, between: str = ", ") -> _Values:
    """The values of some elements in one line."""

    def values(attributes: Attributes) -> Iterator[str]:
        yield joined(between, *(words(attributes, key) for key in keys))

    return values


def _each(sequence: str, *keys: str) -> _Values:
    """A line for each item of a sequence."""
    line_of = _line(*keys)

    def values(attributes: Attributes) -> Iterator[str | Reference]:
        for item in attributes.items(sequence):
            yield from line_of(item)

    return values


def _kind(attributes: Attributes) -> Iterator[str]:
    yield kind_of(words(attributes, SOP_CLASS_UID))


def _documents(sequence: str) -> _Values:
    return lambda attributes: hierarchical(attributes, sequence)


#: In the order in which they are shown.
_FIELDS: dict[str, _Values] = {
    "Patient": _line("00100010"),
    "Patient ID": _line("00100020"),
    "Birth date": _line("00100030"),
    "Sex": _line("00100040"),
    "Study": _line("00081030"),
    "Study date": _line("00080020", "00080030", between=" "),
    "Accession number": _line("00080050"),
    "Referring physician": _line("00080090"),
    "Institution": _line(_INSTITUTION_NAME),
    "Series": _line("0008103E"),
    "Document": _kind,
    "Document date": _line("00080023", "00080033", between=" "),
    "Completion": _line("0040A491", "0040A492"),
    "Preliminary": _line("0040A496"),
    "Verification": _line("0040A493"),
    "Verified by": _each(
        _VERIFYING_OBSERVER_SEQUENCE, _VERIFYING_OBSERVER_NAME, _VERIFYING_ORGANIZATION, _VERIFICATION_DATE_TIME
    ),
    "Author": _each(_AUTHOR_OBSERVER_SEQUENCE, *_WHO),
    "Participant": _each(_PARTICIPANT_SEQUENCE, _PARTICIPATION_TYPE, *_WHO, _PARTICIPATION_DATE_TIME),
    "Custodian": _each(_CUSTODIAL_ORGANIZATION_SEQUENCE, _INSTITUTION_NAME),
    "Replaces": _documents(_PREDECESSOR_DOCUMENTS_SEQUENCE),
    "Identical to": _documents(_IDENTICAL_DOCUMENTS_SEQUENCE),
}
