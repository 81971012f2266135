"""Elements and items as bytes of Explicit VR Little Endian (PS3.5 Sections 7.1.2 and 7.5)."""

from struct import pack

from archive.dicom.fragments import ITEM_HEADERS
from archive.dicom.value_representations import LONG_VRS

#: PS3.5 Section 6.2: values of odd length are made even with a space; binary values and UIDs with a NUL.
_PADDED_WITH_SPACE = frozenset(
    {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"}
)


def explicit_header(tag: int, vr: str, length: int) -> bytes:
    """The header of an element; a value too long for its VR is one of VR UN (PS3.5 Section 6.2.2)."""
    if vr not in LONG_VRS and length <= 0xFFFF:
        return pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode("ascii"), length)
    long_vr = vr if vr in LONG_VRS else "UN"
    return pack("<HH2sHL", tag >> 16, tag & 0xFFFF, long_vr.encode("ascii"), 0, length)


def explicit_element(tag: int, vr: str, value: bytes) -> bytes:
    """An element in Explicit VR Little Endian, its value made even."""
    padded = value + padding(vr) * (len(value) % 2)
    return explicit_header(tag, vr, len(padded)) + padded


def item_header(tag: int, length: int) -> bytes:
    """The header of an item, or of what delimits items."""
    return ITEM_HEADERS[True].pack(tag >> 16, tag & 0xFFFF, length)


def padding(vr: str) -> bytes:
    """What makes a value of odd length even."""
    return b" " if vr in _PADDED_WITH_SPACE else b"\0"
