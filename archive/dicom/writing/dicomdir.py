"""The DICOMDIR of a File-set: the Basic Directory IOD (PS3.3 Annex F) as a file (PS3.10 Section 8.6).

It is Explicit VR Little Endian, with text in UTF-8 where it is not ASCII. The same records give the same bytes.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import pack

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.fragments import ITEM, ITEM_HEADER_LENGTH
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from archive.dicom.writing.explicit_elements import explicit_element, explicit_header, item_header
from archive.dicom.writing.file_meta import file_meta
from archive.dicom.writing.part10_writer import is_ascii
from archive.dicom.writing.value_fields import value_field

NAME = "DICOMDIR"
MEDIA_STORAGE_DIRECTORY_STORAGE = "1.2.840.10008.1.3.10"

#: PS3.3 Section F.4: which level of the directory the records of a type are at; all others are at the lowest.
LEVELS = {"PATIENT": 0, "STUDY": 1, "SERIES": 2}
_LOWEST = 3

#: What the records are whose type is PRIVATE, (0004,1432): objects of SOP classes that PS3.3 Annex F does not know.
PRIVATE_RECORD = "2.25.214875041101871743216501599070258618371"

_SPECIFIC_CHARACTER_SET, _UTF_8 = 0x00080005, b"ISO_IR 192"
_IN_USE = pack("<H", 0xFFFF)
#: What every record begins with: the header of its item, two offsets, and the flag between them.
_BEGINNING = ITEM_HEADER_LENGTH + 12 + 10 + 12


@dataclass(frozen=True, slots=True)
class ReferencedFile:
    """A file of the File-set.

    Args:
        file_id: PS3.10 Section 8.2: up to eight components of up to eight of `A-Z`, `0-9` and `_`.
    """

    file_id: tuple[str, ...]
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


@dataclass(frozen=True, slots=True)
class Record:
    """A directory record: its type, its keys, and the file that it refers to if it is at the lowest level."""

    type: str
    keys: DataSet
    file: ReferencedFile | None = None


@dataclass(slots=True)
class _Place:
    """Where a record is, from the beginning of the file, and the offsets that it has: 0 where there is no such one."""

    at: int
    next: int = 0
    lower: int = 0


def dicomdir(records: Iterable[Record], *, file_set_id: str) -> bytes:
    """The file of these records, each followed by those below it.

    Args:
        file_set_id: up to sixteen of `A-Z`, `0-9`, space and `_`.
    """
    # The records take little room once they are bytes: they are looked at one by one.
    levels, bodies = bytearray(), []
    for record in records:
        levels.append(LEVELS.get(record.type, _LOWEST))
        bodies.append(_body(record))
    head = _head(bodies)
    root_length = len(_root(file_set_id, 0, 0, 0))
    places = _places(levels, bodies, len(head) + root_length)
    at_root = [place.at for level, place in zip(levels, places, strict=True) if level == 0] or [0]
    length = sum(_record_length(body) for body in bodies)
    items = (_item(place, body) for place, body in zip(places, bodies, strict=True))
    return b"".join([head, _root(file_set_id, at_root[0], at_root[-1], length), *items])


def _head(bodies: Iterable[bytes]) -> bytes:
    """File Meta Information, with a UID that follows from the records (PS3.5 Section B.2)."""
    digest = hashlib.sha256()
    for body in bodies:
        digest.update(body)
    name = uuid.uuid5(uuid.NAMESPACE_OID, f"{MEDIA_STORAGE_DIRECTORY_STORAGE} {digest.hexdigest()}")
    return file_meta(
        sop_class_uid=MEDIA_STORAGE_DIRECTORY_STORAGE,
        sop_instance_uid=f"2.25.{name.int}",
        transfer_syntax_uid=EXPLICIT_VR_LITTLE_ENDIAN,
    )


def _root(file_set_id: str, first: int, last: int, length: int) -> bytes:
    """PS3.3 Tables F.3-2 and F.3-3 up to the items of Directory Record Sequence (0004,1220), of `length` bytes."""
    return (
        explicit_element(0x00041130, "CS", file_set_id.encode("ascii"))
        + explicit_element(0x00041200, "UL", pack("<L", first))
        + explicit_element(0x00041202, "UL", pack("<L", last))
        + explicit_element(0x00041212, "US", pack("<H", 0))
        + explicit_header(0x00041220, "SQ", length)
    )


def _places(levels: Sequence[int], bodies: Sequence[bytes], start: int) -> list[_Place]:
    places = [_Place(at) for at in accumulate(map(_record_length, bodies), initial=start)][:-1]
    # From the last to the first, the nearest record behind that is at each level, below the same record.
    behind = [0] * (_LOWEST + 2)
    for level, place in zip(reversed(levels), reversed(places), strict=True):
        place.next, place.lower = behind[level], behind[level + 1]
        behind[level] = place.at
        behind[level + 1] = 0
    return places


def _record_length(body: bytes) -> int:
    return _BEGINNING + len(body)


def _item(place: _Place, body: bytes) -> bytes:
    """A directory record (PS3.3 Table F.3-3)."""
    offsets = (
        explicit_element(0x00041400, "UL", pack("<L", place.next))
        + explicit_element(0x00041410, "US", _IN_USE)
        + explicit_element(0x00041420, "UL", pack("<L", place.lower))
    )
    return item_header(ITEM, len(offsets) + len(body)) + offsets + body


def _body(record: Record) -> bytes:
    """What a record has behind its offsets."""
    elements = [explicit_element(0x00041430, "CS", record.type.encode("ascii"))]
    if record.type == "PRIVATE":
        elements.append(explicit_element(0x00041432, "UI", PRIVATE_RECORD.encode("ascii")))
    if record.file:
        elements += _reference(record.file)
    if not is_ascii(record.keys):
        elements.append(explicit_element(_SPECIFIC_CHARACTER_SET, "CS", _UTF_8))
    return b"".join([*elements, _data_set(record.keys)])


def _reference(file: ReferencedFile) -> list[bytes]:
    return [
        explicit_element(0x00041500, "CS", "\\".join(file.file_id).encode("ascii")),
        explicit_element(0x00041510, "UI", file.sop_class_uid.encode("ascii")),
        explicit_element(0x00041511, "UI", file.sop_instance_uid.encode("ascii")),
        explicit_element(0x00041512, "UI", file.transfer_syntax_uid.encode("ascii")),
    ]


def _data_set(data_set: DataSet) -> bytes:
    return b"".join(_element(tag, element) for tag, element in sorted(data_set.items()))


def _element(tag: str, element: Element) -> bytes:
    value = _items(element) if element["vr"] == "SQ" else value_field(element)
    return explicit_element(int(tag, 16), element["vr"], value)


def _items(element: Element) -> bytes:
    items = map(_data_set, element.get("Value", ()))
    return b"".join(item_header(ITEM, len(item)) + item for item in items)
