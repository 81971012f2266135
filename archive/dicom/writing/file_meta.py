"""File Meta Information of the files that this archive makes (PS3.10 Section 7.1)."""

from struct import pack

#: Who wrote the file: a UID from a UUID (PS3.5 Annex B.2), and the name beside it, of up to 16 characters.
IMPLEMENTATION_CLASS_UID = "2.25.274614633985793669144834636768370685587"
IMPLEMENTATION_VERSION_NAME = "DICOMWEBARCHIVE"

PREAMBLE = bytes(128)
PREFIX = b"DICM"


def file_meta(*, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Everything of a DICOM file that comes before its data set."""
    group = b"".join(
        (
            _element(0x0001, b"OB", b"\x00\x01"),
            _element(0x0002, b"UI", _uid(sop_class_uid)),
            _element(0x0003, b"UI", _uid(sop_instance_uid)),
            _element(0x0010, b"UI", _uid(transfer_syntax_uid)),
            _element(0x0012, b"UI", _uid(IMPLEMENTATION_CLASS_UID)),
            _element(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME.encode("ascii").ljust(16)),
        )
    )
    return PREAMBLE + PREFIX + _element(0x0000, b"UL", pack("<L", len(group))) + group


def _uid(uid: str) -> bytes:
    """PS3.5 Section 9.1: UIDs are made even with a NUL."""
    return (uid + "\0" * (len(uid) % 2)).encode("ascii")


def _element(number: int, vr: bytes, value: bytes) -> bytes:
    """An element of group 0002: explicit VR, little endian, whatever the transfer syntax (PS3.10 Section 7.1)."""
    length = pack("<HL", 0, len(value)) if vr == b"OB" else pack("<H", len(value))
    return pack("<HH", 0x0002, number) + vr + length + value
