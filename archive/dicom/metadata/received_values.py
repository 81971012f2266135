"""The values of one attribute as a client sends them, made into those of the DICOM JSON Model: PS3.18 Table F.2.3-1."""

import re
from collections.abc import Callable
from math import inf, isfinite, nan
from struct import Struct
from typing import Any

#: PS3.18 Table F.2.3-1: the component groups of a person name, in their order in a value (PS3.5 Section 6.2.1).
NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")

#: What is not text in any VR (PS3.5 Section 6.1.3), or no text at all.
_UNFIT_FOR_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
#: JSON has no form for these; this is what others write.
_NOT_FINITE = {"NaN": nan, "Infinity": inf, "+Infinity": inf, "-Infinity": -inf, "Inf": inf, "-Inf": -inf}
_LARGEST_FLOAT = 3.4028235677973362e38


class Unfit(Exception):
    """Why an attribute cannot be stored, without its values."""


Read = Callable[[list[Any]], list[Any]]


def tag_number(text: str) -> int | None:
    return int(text, 16) if _TAG.fullmatch(text) else None


def _text(value: object) -> str | None:
    """One text; None for none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Unfit("has a value that is not a text")
    if _UNFIT_FOR_TEXT.search(value):
        raise Unfit("has a control character or half a character in its text")
    return value


def _string(value: object) -> str | None:
    text = _text(value)
    if text and "\\" in text:
        raise Unfit("has a backslash within a value, where it separates values")
    return text


def _strings(values: list[Any]) -> list[Any]:
    return [_string(value) for value in values]


def _codes(values: list[Any]) -> list[Any]:
    """Values whose spaces around say nothing: AE, CS, DS, IS, UI."""
    return [text and (text.strip(" ") or None) for text in map(_string, values)]


def _integer_strings(values: list[Any]) -> list[Any]:
    """A whole number that comes as 7.0 or 1e3 is 7 or 1000."""
    return [str(_integer(text)) if text and _is_whole(text) else text for text in _codes(values)]


def _single_text(values: list[Any]) -> list[Any]:
    if len(values) > 1:
        raise Unfit("has several values, where there can be one")
    return [_text(value) for value in values]


def _person_names(values: list[Any]) -> list[Any]:
    return [_person_name(value) for value in values]


def _person_name(value: object) -> dict[str, str] | None:
    if not isinstance(value, dict):
        text = _string(value)
        groups = dict(zip(NAME_GROUPS, text.split("="), strict=False)) if text else {}
        if text and text.count("=") >= len(NAME_GROUPS):
            raise Unfit("has a name of more than three component groups")
    else:
        groups = {group: _string(value.get(group)) or "" for group in NAME_GROUPS}
        if any("=" in text for text in groups.values()):
            raise Unfit("has an equals sign within a component group")
    return {group: text for group, text in groups.items() if text} or None


def _tags(values: list[Any]) -> list[Any]:
    if not all(isinstance(value, str) and _TAG.fullmatch(value) for value in values):
        raise Unfit("has a value that is not a tag of 8 hexadecimal digits")
    return [value.upper() for value in values]


def _integers(code: str) -> Read:
    """The reader of a VR whose values are binary integers of this `struct` format."""
    bits = 8 * Struct(code).size
    allowed = range(1 << bits) if code.isupper() else range(-(1 << bits - 1), 1 << bits - 1)

    def read(values: list[Any]) -> list[Any]:
        numbers = list(map(_integer, values))
        # `in` of a range looks at every number when it is not asked for an int.
        if any(number not in allowed for number in numbers):
            raise Unfit("has a number that is too large or too small for its VR")
        return numbers

    return read


def _integer(value: object) -> int:
    text = value.strip() if isinstance(value, str) else ""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _is_whole(text):
        return int(float(text))
    raise Unfit("has a value that is not a whole number")


def _is_whole(text: str) -> bool:
    """Whether a number with a point or an exponent is a whole one."""
    return not _INTEGER.fullmatch(text) and _NUMBER.fullmatch(text) is not None and float(text).is_integer()


def _floats(values: list[Any]) -> list[Any]:
    numbers = list(map(_float, values))
    if any(isfinite(number) and abs(number) >= _LARGEST_FLOAT for number in numbers):
        raise Unfit("has a number that is too large for its VR")
    return numbers


def _doubles(values: list[Any]) -> list[Any]:
    return list(map(_float, values))


def _float(value: object) -> float:
    text = value.strip() if isinstance(value, str) else ""
    if text in _NOT_FINITE:
        return _NOT_FINITE[text]
    if not _NUMBER.fullmatch(text):
        raise Unfit("has a value that is not a number")
    number = float(text)
    if not isfinite(number):
        raise Unfit("has a number that is too large for its VR")
    return number


#: Every VR but SQ and the binary ones.
READERS: dict[str, Read] = {
    "AE": _codes,
    "AS": _strings,
    "AT": _tags,
    "CS": _codes,
    "DA": _strings,
    "DS": _codes,
    "DT": _strings,
    "FD": _doubles,
    "FL": _floats,
    "IS": _integer_strings,
    "LO": _strings,
    "LT": _single_text,
    "PN": _person_names,
    "SH": _strings,
    "SL": _integers("i"),
    "SS": _integers("h"),
    "ST": _single_text,
    "SV": _integers("q"),
    "TM": _strings,
    "UC": _strings,
    "UI": _codes,
    "UL": _integers("I"),
    "UR": _single_text,
    "US": _integers("H"),
    "UT": _single_text,
    "UV": _integers("Q"),
}
