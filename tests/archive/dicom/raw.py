"""Data elements byte by byte, for what no well-behaved writer would write."""

from io import BytesIO
from struct import pack
from typing import Any

import orjson
from pydicom.uid import ExplicitVRLittleEndian

from archive.dicom.reading.part10 import ParsedInstance, parse

UNDEFINED_LENGTH = 0xFFFFFFFF
LONG_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})

ITEM_DELIMITATION = bytes.fromhex("feff0de000000000")
SEQUENCE_DELIMITATION = bytes.fromhex("feffdde000000000")


def element(tag: int, vr: str, value: bytes = b"", *, length: int | None = None, endian: str = "<") -> bytes:
    """An explicit VR element; `length` is what its header says when that is not the truth."""
    stated = len(value) if length is None else length
    head = pack(endian + "HH", tag >> 16, tag & 0xFFFF) + vr.encode("latin-1")
    if vr in LONG_VRS:
        return head + bytes(2) + pack(endian + "L", stated) + value
    return head + pack(endian + "H", stated) + value


def implicit(tag: int, value: bytes = b"", *, length: int | None = None) -> bytes:
    stated = len(value) if length is None else length
    return pack("<HHL", tag >> 16, tag & 0xFFFF, stated) + value


def item(content: bytes, *, length: int | None = None) -> bytes:
    return implicit(0xFFFEE000, content, length=length)


def item_of_undefined_length(content: bytes) -> bytes:
    return item(content, length=UNDEFINED_LENGTH) + ITEM_DELIMITATION


def part10_file(data_set: bytes, transfer_syntax: str = ExplicitVRLittleEndian) -> bytes:
    uid = transfer_syntax.encode("ascii")
    return bytes(128) + b"DICM" + element(0x00020010, "UI", uid + b"\0" * (len(uid) % 2)) + data_set


def parsed(data_set: bytes, transfer_syntax: str = ExplicitVRLittleEndian) -> ParsedInstance:
    return parse(BytesIO(part10_file(data_set, transfer_syntax)))


def json_of(data_set: bytes, transfer_syntax: str = ExplicitVRLittleEndian) -> dict[str, Any]:
    """The DICOM JSON of the bytes of a data set; a BulkDataURI begins with "URL"."""
    dicom_json = parsed(data_set, transfer_syntax).dicom_json.replace(b"\x1a", b"URL")
    result: dict[str, Any] = orjson.loads(dicom_json)
    return result


def json_of_element(vr: str, value: bytes, tag: int = 0x00091001, **options: Any) -> dict[str, Any]:
    """The DICOM JSON of one element, under a private tag whose VR is what the element says."""
    result: dict[str, Any] = json_of(element(tag, vr, value, **options))[f"{tag:08X}"]
    return result
