"""Value fields (PS3.5 Section 6.2) of values in the DICOM JSON Model: little endian, text in UTF-8."""

import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from math import isfinite
from struct import Struct, pack
from typing import Any

from pydicom.valuerep import format_number_as_ds

from archive.dicom.dicom_json import Element
from archive.dicom.metadata.received_values import NAME_GROUPS

#: PS3.5 Table 6.2-1.
LONGEST_DS = 16
TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
#: The size of one value of a binary VR; words of odd length are pixels of a byte, and padded.
UNITS = {
    "AT": 4, "FD": 8, "FL": 4, "OD": 8, "OF": 4, "OL": 4, "OV": 8,
    "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8,
}  # fmt: skip

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def value_field(element: Element) -> bytes:
    """The value field, without padding, of an element that is no sequence and no bulk data."""
    vr = element["vr"]
    if "InlineBinary" in element:
        return b64decode(element["InlineBinary"])
    values = element.get("Value", ())
    return _ENCODERS.get(vr, _strings)(values) if values else b""


def _strings(values: Sequence[Any]) -> bytes:
    return "\\".join("" if value is None else value for value in values).encode()


def _person_names(values: Sequence[Any]) -> bytes:
    return "\\".join(map(_person_name, values)).encode()


def _person_name(name: dict[str, str] | None) -> str:
    return "=".join(name.get(group, "") for group in NAME_GROUPS).rstrip("=") if name else ""


def _decimal_strings(values: Sequence[Any]) -> bytes:
    return _strings([value and _decimal_string(value) for value in values])


def _decimal_string(text: str) -> str:
    """The digits that were sent, or as many of them as the VR has room for."""
    if len(text) <= LONGEST_DS or not _NUMBER.fullmatch(text) or not isfinite(float(text)):
        return text
    return format_number_as_ds(float(text))


def _attribute_tags(values: Sequence[Any]) -> bytes:
    return b"".join(pack("<HH", int(tag[:4], 16), int(tag[4:], 16)) for tag in values)


def _numbers(code: str) -> Callable[[Sequence[Any]], bytes]:
    return lambda values: Struct(f"<{len(values)}{code}").pack(*values)


#: Every VR with values but those that are plain strings.
_ENCODERS: dict[str, Callable[[Sequence[Any]], bytes]] = {
    "AT": _attribute_tags,
    "DS": _decimal_strings,
    "FD": _numbers("d"),
    "FL": _numbers("f"),
    "PN": _person_names,
    "SL": _numbers("i"),
    "SS": _numbers("h"),
    "SV": _numbers("q"),
    "UL": _numbers("I"),
    "US": _numbers("H"),
    "UV": _numbers("Q"),
}
