"""Values of content items in words, by Value Type: PS3.3 Section C.18."""

from collections.abc import Callable

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.codes import (
    CONCEPT_CODE_SEQUENCE,
    NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE,
    meaning,
    units,
)
from archive.dicom.rendering.reports import coordinates
from archive.dicom.rendering.words import joined, words

_DATE_TIME, _DATE, _TIME, _PERSON_NAME, _UID = "0040A120", "0040A121", "0040A122", "0040A123", "0040A124"
_TEXT_VALUE = "0040A160"
_MEASURED_VALUE_SEQUENCE, _NUMERIC_VALUE = "0040A300", "0040A30A"
_FLOATING_POINT_VALUE, _RATIONAL_NUMERATOR, _RATIONAL_DENOMINATOR = "0040A161", "0040A162", "0040A163"

_Words = Callable[[Attributes], str]


def value_of(attributes: Attributes, value_type: str) -> str:
    """The value of a content item; empty when it has none, or one that is no words.

    An item of a type that PS3.3 does not have may have a value nonetheless.
    """
    if value_type in _WORDS:
        return _WORDS[value_type](attributes) or _WITHOUT_VALUE.get(value_type, "")
    return next(filter(None, (value(attributes) for value in _WORDS.values())), "")


def _element(key: str) -> _Words:
    return lambda attributes: words(attributes, key)


def _code(attributes: Attributes) -> str:
    return meaning(attributes, CONCEPT_CODE_SEQUENCE)


def _measurement(attributes: Attributes) -> str:
    """PS3.3 Table C.18.1-1: with its units; or what is to be said where nothing could be measured."""
    measured = (joined(" ", _number(item), units(item)) for item in attributes.items(_MEASURED_VALUE_SEQUENCE))
    return joined(", ", *measured, meaning(attributes, NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE))


def _number(measured: Attributes) -> str:
    """As a decimal; as a fraction where there is nothing else."""
    fraction = joined("/", words(measured, _RATIONAL_NUMERATOR), words(measured, _RATIONAL_DENOMINATOR))
    return words(measured, _NUMERIC_VALUE) or words(measured, _FLOATING_POINT_VALUE) or fraction


#: The value types whose values are words; containers have none, and references and tables are more than that.
_WORDS: dict[str, _Words] = {
    "TEXT": _element(_TEXT_VALUE),
    "NUM": _measurement,
    "CODE": _code,
    "DATETIME": _element(_DATE_TIME),
    "DATE": _element(_DATE),
    "TIME": _element(_TIME),
    "UIDREF": _element(_UID),
    "PNAME": _element(_PERSON_NAME),
    "SCOORD": coordinates.spatial,
    "SCOORD3D": coordinates.spatial_3d,
    "TCOORD": coordinates.temporal,
}

#: A measurement that was not made (Measured Value Sequence is there, and empty).
_WITHOUT_VALUE = {"NUM": "no value"}
