"""Data elements as they lie in a file (PS3.5 Section 7.1): where each begins and ends, and what its header is."""

from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, NamedTuple

from archive.dicom.errors import MalformedDicom
from archive.dicom.fragments import ITEM, ITEM_DELIMITATION, ITEM_HEADER_LENGTH, ITEM_HEADERS, SEQUENCE_DELIMITATION
from archive.dicom.reading.data_set import DEEPEST_NESTING, UNDEFINED_LENGTH, UNKNOWN_VR_ENCODING, Encoding
from archive.dicom.value_representations import LONG_VRS

_LONG_VRS = frozenset(vr.encode("ascii") for vr in LONG_VRS)
_SHORT_LENGTHS = {True: Struct("<H"), False: Struct(">H")}
_LONG_LENGTHS = {True: Struct("<L"), False: Struct(">L")}


class RawElement(NamedTuple):
    """An element whose header begins at `at` and whose value begins at `start`. `vr` is None where none is stated."""

    tag: int
    vr: str | None
    length: int
    at: int
    start: int

    @property
    def key(self) -> str:
        return f"{self.tag:08X}"


class RawReader:
    """Reads headers of elements and items anywhere in a file, as `DataSetReader` understands them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, position: int, length: int) -> bytes:
        self._file.seek(position)
        data = self._file.read(length)
        if len(data) < length:
            raise MalformedDicom(f"cut off at offset {position + len(data)}")
        return data

    def element(self, position: int, end: int, encoding: Encoding) -> RawElement | None:
        """The element at this position; None when there is no room for another one in the data set."""
        if end - position < ITEM_HEADER_LENGTH:
            return None
        head = self.read(position, min(12, end - position))
        group, number, length = ITEM_HEADERS[encoding.little_endian].unpack_from(head)
        tag, vr = group << 16 | number, head[4:6]
        # Some writers change to implicit VR in the middle: there are no letters then.
        if encoding.implicit_vr or not b"AA" <= vr <= b"ZZ":
            return RawElement(tag, None, length, position, position + 8)
        if vr not in _LONG_VRS:
            (length,) = _SHORT_LENGTHS[encoding.little_endian].unpack_from(head, 6)
            return RawElement(tag, vr.decode("latin-1"), length, position, position + 8)
        if len(head) < 12:
            raise MalformedDicom(f"element header cut off at offset {position}")
        (length,) = _LONG_LENGTHS[encoding.little_endian].unpack_from(head, 8)
        return RawElement(tag, vr.decode("latin-1"), length, position, position + 12)

    def items(self, position: int, end: int, *, little_endian: bool) -> Iterator[tuple[int, int, int]]:
        """Tag, length and position of what follows, item after item of defined length, up to the end."""
        while end - position >= ITEM_HEADER_LENGTH:
            group, number, length = ITEM_HEADERS[little_endian].unpack(self.read(position, ITEM_HEADER_LENGTH))
            position += ITEM_HEADER_LENGTH
            yield group << 16 | number, length, position
            position += length

    def end_of(self, element: RawElement, end: int, encoding: Encoding) -> int:
        """The position behind an element."""
        if element.length == UNDEFINED_LENGTH:
            return self.end_of_items(element.start, end, UNKNOWN_VR_ENCODING if element.vr == "UN" else encoding)
        if element.start + element.length > end:
            raise malformed(element.tag, element.start, "is longer than what is left")
        return element.start + element.length

    def end_of_items(self, position: int, end: int, encoding: Encoding, *, depth: int = 0) -> int:
        """The position behind the Sequence Delimitation Item that ends the items, or fragments, from here on."""
        if depth > DEEPEST_NESTING:
            raise MalformedDicom(f"items at offset {position} are nested more than {DEEPEST_NESTING} deep")
        while True:
            tag, length, position = next(
                self.items(position, end, little_endian=encoding.little_endian), (0, 0, position)
            )
            if tag == SEQUENCE_DELIMITATION:
                return position
            if tag != ITEM:
                raise MalformedDicom(f"no item at offset {position}, where one should be")
            if length == UNDEFINED_LENGTH:
                position = self._end_of_item(position, end, encoding, depth)
            else:
                position += length

    def _end_of_item(self, position: int, end: int, encoding: Encoding, depth: int) -> int:
        while element := self.element(position, end, encoding):
            if element.tag == ITEM_DELIMITATION:
                return element.start
            if element.length == UNDEFINED_LENGTH:
                nested = UNKNOWN_VR_ENCODING if element.vr == "UN" else encoding
                position = self.end_of_items(element.start, end, nested, depth=depth + 1)
            else:
                position = self.end_of(element, end, encoding)
        raise MalformedDicom(f"item without end at offset {position}")


def malformed(tag: int, start: int, problem: str) -> MalformedDicom:
    return MalformedDicom(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) at offset {start} {problem}")
