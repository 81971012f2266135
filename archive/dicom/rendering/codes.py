"""Coded entries: PS3.3 Section 8.8, Table 8.8-1."""

from archive.dicom.readable import CODE_MEANING, CODE_VALUES, CODING_SCHEME_DESIGNATOR
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.words import clipped, joined, words

CONCEPT_NAME_CODE_SEQUENCE, CONCEPT_CODE_SEQUENCE = "0040A043", "0040A168"
MEASUREMENT_UNITS_CODE_SEQUENCE, NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE = "004008EA", "0040A301"

#: What (1, UCUM) means, of plain numbers. There are senders that mean pixels by that code, and say so.
_NO_UNITS = "no units"

#: A Code Meaning has no more characters (PS3.5 Table 6.2-1, LO); one unit may be that of many values.
_LONGEST_UNITS = 64


def meaning(attributes: Attributes, key: str) -> str:
    """What the codes of a sequence mean, with commas between; empty when there is none."""
    return joined(", ", *map(meaning_of, attributes.items(key)))


def meaning_of(entry: Attributes) -> str:
    """What a code means, or the code itself where that is not said."""
    return words(entry, CODE_MEANING) or code_value(entry)


def code_value(entry: Attributes) -> str:
    return next(filter(None, (words(entry, key) for key in CODE_VALUES)), "")


def code(attributes: Attributes, key: str) -> tuple[str, str]:
    """The value of the first code of a sequence, and its scheme; empty when there is none."""
    entry = attributes.item(key)
    return (code_value(entry), words(entry, CODING_SCHEME_DESIGNATOR)) if entry else ("", "")


def units(attributes: Attributes) -> str:
    """Units of measurement; empty for those of a plain number."""
    found = meaning(attributes, MEASUREMENT_UNITS_CODE_SEQUENCE)
    return "" if found.lower() == _NO_UNITS else clipped(found, _LONGEST_UNITS)
