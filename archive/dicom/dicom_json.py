"""The DICOM JSON Model (PS3.18 Annex F) of raw value fields.

A value that JSON cannot carry, or should not for its size, is left to its BulkDataURI. The URLs of an instance are not
known when it is encoded, so `INSTANCE_URL` stands for its URL until `resolve`.
"""

import re
import struct
from base64 import b64encode
from collections.abc import Callable
from math import isfinite
from typing import Any

import orjson

from archive.dicom.byte_order import byte_swapped
from archive.dicom.charsets import NAME_DELIMITERS, TEXT_DELIMITERS, TextDecoder

#: The control character SUBSTITUTE, which JSON text has only escaped: it cannot be met by chance.
INSTANCE_URL = b"\x1a"

#: Longest value field, in bytes, that is encoded inline for a binary VR, and for the other VRs.
BINARY_THRESHOLD = 1024
TEXT_THRESHOLD = 1 << 20

#: Longest value field whose values are kept as Python objects, which take much more memory than their JSON.
OBJECTS_THRESHOLD = 1 << 14

#: PS3.18 Section 10.4.3.3.2: the VRs whose values may be replaced by a BulkDataURI.
BULK_VRS = frozenset(
    {"DS", "FL", "FD", "IS", "LT", "OB", "OD", "OF", "OL", "OV", "OW"}
    | {"SL", "SS", "ST", "SV", "UC", "UL", "UN", "US", "UT", "UV"}
)

#: PS3.5 Section 7.3: the size of what is byte-swapped in big endian encoding.
SWAPPED_UNIT = {
    "AT": 2, "OW": 2, "SS": 2, "US": 2,
    "FL": 4, "OF": 4, "OL": 4, "SL": 4, "UL": 4,
    "FD": 8, "OD": 8, "OV": 8, "SV": 8, "UV": 8,
}  # fmt: skip

BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})

Element = dict[str, Any]
DataSet = dict[str, Element]

#: Value field, whether it is little endian, decoder -> values, or None when JSON has no form for them.
_Encoder = Callable[[bytes, bool, TextDecoder], list[Any] | None]

_PADDING = " \0"
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
#: PS3.5 Table 6.2-1 allows twelve bytes. Longer ones are as rare as wrong, and no JSON encoder takes any size.
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_LARGEST_JSON_INTEGER = 1 << 53


def encode(vr: str, raw: bytes, little_endian: bool, decoder: TextDecoder) -> Element | None:
    """The JSON object of an element whose value field is not empty, or None when it has to be a bulk value."""
    encoder = _ENCODERS.get(vr)
    if encoder is None:
        return _binary(vr, raw, little_endian)
    values = encoder(raw, little_endian, decoder)
    if values is None:
        return None
    if values == [None]:  # says nothing, and viewers fail on it
        return {"vr": vr}
    return {"vr": vr, "Value": values if len(raw) <= OBJECTS_THRESHOLD else frozen(values)}


def bulk(vr: str, path: str) -> Element:
    """The JSON object of an element whose value field is found under the instance's bulk data."""
    uri = orjson.Fragment(b'"%b/bulkdata/%b"' % (INSTANCE_URL, path.encode("ascii")))
    return {"vr": vr if vr in BULK_VRS else "UN", "BulkDataURI": uri}


def frozen(model: Any) -> orjson.Fragment:
    """A part of the model as its JSON, which is all that is left to do with it."""
    # The bytes orjson returns keep the room they were written in; a copy is only as large as it is long.
    return orjson.Fragment(bytes(memoryview(orjson.dumps(model))))


def resolve(dicom_json: bytes, instance_url: str) -> bytes:
    """The JSON with its bulk data under `instance_url`."""
    return dicom_json.replace(INSTANCE_URL, orjson.dumps(instance_url)[1:-1])


def swapped_unit(vr: str, length: int) -> int:
    """How many bytes to reverse at a time to make a big-endian value field of `length` little endian."""
    unit = SWAPPED_UNIT.get(vr, 1)
    return 1 if length % unit else unit


def _little_endian(vr: str, raw: bytes) -> bytes:
    unit = swapped_unit(vr, len(raw))
    return raw if unit == 1 else byte_swapped(raw, unit)


def _binary(vr: str, raw: bytes, little_endian: bool) -> Element | None:
    if len(raw) > BINARY_THRESHOLD:
        return None
    return {"vr": vr, "InlineBinary": b64encode(raw if little_endian else _little_endian(vr, raw)).decode("ascii")}


def _strings(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any]:
    """Values whose trailing padding says nothing (PS3.5 Table 6.2-1)."""
    text = decoder.decode(raw)
    if "\\" in text:
        return [value.rstrip(_PADDING) or None for value in text.split("\\")]
    return [text.rstrip(_PADDING) or None]


def _codes(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any]:
    """Values whose leading spaces say nothing either: AE, CS, DS, IS."""
    text = decoder.decode(raw)
    if "\\" in text:
        return [value.strip(_PADDING) or None for value in text.split("\\")]
    return [text.strip(_PADDING) or None]


def _text(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any]:
    """A single value in which a backslash is a backslash."""
    return [decoder.decode(raw, delimiters=TEXT_DELIMITERS).rstrip(_PADDING) or None]


def _person_names(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any]:
    return [_person_name(name) for name in decoder.decode(raw, delimiters=NAME_DELIMITERS).split("\\")]


def _person_name(name: str) -> dict[str, str] | None:
    """The component groups that are not empty, PS3.18 Table F.2.3-1; None when all are."""
    if "=" not in name:
        name = name.rstrip(_PADDING)
        return {"Alphabetic": name} if name else None
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), name.split("="), strict=False)
    return {group: value for group, text in groups if (value := text.rstrip(_PADDING))} or None


def _decimal_strings(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any]:
    return [_decimal_string(text) for text in _codes(raw, little_endian, decoder)]


def _decimal_string(text: str | None) -> Any:
    """A JSON number with the digits that were sent where that is possible, the text itself where it is no number."""
    if text is None:
        return None
    # JSON has no limit to its numbers, but those who read them have.
    if not _NUMBER.fullmatch(text) or not isfinite(number := float(text)):
        return text
    return orjson.Fragment(text) if _JSON_NUMBER.fullmatch(text) else number


def _integer_strings(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any]:
    return [_integer_string(text) for text in _codes(raw, little_endian, decoder)]


def _integer_string(text: str | None) -> Any:
    return int(text) if text is not None and _INTEGER.fullmatch(text) else _decimal_string(text)


def _attribute_tags(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any] | None:
    if len(raw) % 4:
        return None
    pairs = struct.iter_unpack("<HH" if little_endian else ">HH", raw)
    return [f"{group:04X}{element:04X}" for group, element in pairs]


def _numbers(code: str) -> _Encoder:
    """The encoder of a VR whose values are binary numbers with this `struct` format."""
    size = struct.calcsize("<" + code)
    one_little_endian, one_big_endian = struct.Struct("<" + code), struct.Struct(">" + code)

    def encode_numbers(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any] | None:
        if len(raw) == size:
            return list((one_little_endian if little_endian else one_big_endian).unpack(raw))
        if len(raw) % size:
            return None
        return list(struct.unpack(f"{'<' if little_endian else '>'}{len(raw) // size}{code}", raw))

    return encode_numbers


def _finite(encode_numbers: _Encoder) -> _Encoder:
    """JSON has no NaN and no infinity."""

    def encode_finite_numbers(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any] | None:
        numbers = encode_numbers(raw, little_endian, decoder)
        return numbers if numbers is None or all(map(isfinite, numbers)) else None

    return encode_finite_numbers


def _exact(encode_numbers: _Encoder) -> _Encoder:
    """Strings for the integers that JavaScript would round, PS3.18 Table F.2.3-1."""

    def encode_exact_numbers(raw: bytes, little_endian: bool, decoder: TextDecoder) -> list[Any] | None:
        numbers = encode_numbers(raw, little_endian, decoder)
        return numbers and [n if abs(n) <= _LARGEST_JSON_INTEGER else str(n) for n in numbers]

    return encode_exact_numbers


#: PS3.18 Table F.2.3-1, without SQ and the binary VRs.
_ENCODERS: dict[str, _Encoder] = {
    "AE": _codes,
    "AS": _strings,
    "AT": _attribute_tags,
    "CS": _codes,
    "DA": _strings,
    "DS": _decimal_strings,
    "DT": _strings,
    "FD": _finite(_numbers("d")),
    "FL": _finite(_numbers("f")),
    "IS": _integer_strings,
    "LO": _strings,
    "LT": _text,
    "PN": _person_names,
    "SH": _strings,
    "SL": _numbers("i"),
    "SS": _numbers("h"),
    "ST": _text,
    "SV": _exact(_numbers("q")),
    "TM": _strings,
    "UC": _strings,
    "UI": _strings,
    "UL": _numbers("I"),
    "UR": _text,
    "US": _numbers("H"),
    "UT": _text,
    "UV": _exact(_numbers("Q")),
}

#: Every VR that has a value of its own; a sequence has items.
VALUE_VRS = frozenset(_ENCODERS) | BINARY_VRS
