"""Encapsulated pixel data: its fragments, and which of them make which frame (PS3.5 Section A.4)."""

from __future__ import annotations  # array[int] is for type checkers alone before Python 3.12

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import BinaryIO

from archive.dicom.errors import MalformedDicom
from archive.dicom.frame_index import EncapsulatedFrames

ITEM, ITEM_DELIMITATION, SEQUENCE_DELIMITATION = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

ITEM_HEADER_LENGTH = 8
ITEM_HEADERS = {True: Struct("<HHL"), False: Struct(">HHL")}

#: What is read of one object has bounds; these leave room for the largest slides.
MOST_FRAGMENTS = 1 << 22
LONGEST_OFFSET_TABLE = 8 * MOST_FRAGMENTS

#: How the streams of JPEG and JPEG-LS, JPEG 2000, and JPEG XL begin, the latter two bare or in their file format.
_CODESTREAM_STARTS = (
    b"\xff\xd8\xff",
    b"\xff\x4f\xff\x51",
    b"\x00\x00\x00\x0c\x6a\x50\x20\x20",
    b"\xff\x0a",
    b"\x00\x00\x00\x0c\x4a\x58\x4c\x20",
)
_LONGEST_START = max(map(len, _CODESTREAM_STARTS))


@dataclass(frozen=True, slots=True)
class Fragments:
    """The fragments of one value.

    `item_starts` has one entry more than there are fragments, for where the last one ends. `codestream_starts` are the
    numbers of the fragments that begin like a compressed image. `closed`: the Sequence Delimitation Item is there.
    `cut`: the data end within a further fragment.
    """

    start: int
    offset_table: bytes
    item_starts: array[int]
    codestream_starts: array[int]
    closed: bool
    cut: bool

    @property
    def stop(self) -> int:
        return self.item_starts[-1]


def scan_fragments(file: BinaryIO, *, end: int, base: int, little_endian: bool) -> Fragments:
    """Find the fragments from the file's position on, reading their headers only.

    `base` is added to positions in `file` to make offsets. The file is left behind the Sequence Delimitation Item, or,
    when the data end without one, at `end`: that alone is no error, for such files exist.
    """
    start = stop = file.tell()
    offset_table: bytes | None = None
    item_starts, codestream_starts = array("Q"), array("Q")
    closed = cut = False
    for tag, position, length, head in _items(file, end, little_endian):
        if closed := tag == SEQUENCE_DELIMITATION:
            break
        if tag != ITEM:
            raise MalformedDicom(f"no fragment at offset {base + position}, where one should be")
        if cut := position + ITEM_HEADER_LENGTH + length > end:
            break
        stop = position + ITEM_HEADER_LENGTH + length
        if offset_table is None:
            file.seek(position + ITEM_HEADER_LENGTH)
            offset_table = file.read(length) if length <= LONGEST_OFFSET_TABLE else b""
            continue
        if head.startswith(_CODESTREAM_STARTS):
            codestream_starts.append(len(item_starts))
        item_starts.append(base + position)
        if len(item_starts) > MOST_FRAGMENTS:
            raise MalformedDicom(f"more than {MOST_FRAGMENTS} fragments from offset {base + start} on")
    file.seek(stop + ITEM_HEADER_LENGTH if closed else end)
    item_starts.append(base + stop)
    return Fragments(base + start, offset_table or b"", item_starts, codestream_starts, closed, cut)


def _items(file: BinaryIO, end: int, little_endian: bool) -> Iterator[tuple[int, int, int, bytes]]:
    """Tag, position, length and first bytes of one item after the other."""
    unpack = ITEM_HEADERS[little_endian].unpack_from
    position = file.tell()
    while end - position >= ITEM_HEADER_LENGTH:
        file.seek(position)
        header = file.read(min(ITEM_HEADER_LENGTH + _LONGEST_START, end - position))
        group, element, length = unpack(header)
        yield group << 16 | element, position, length, header[ITEM_HEADER_LENGTH:]
        position += ITEM_HEADER_LENGTH + length


def frames_of(
    fragments: Fragments, *, number_of_frames: int, extended_offset_table: bytes = b"", video: bool = False
) -> EncapsulatedFrames | None:
    """The frames of the fragments, None when they cannot be told apart. Frames that were cut off are not counted."""
    count = len(fragments.item_starts) - 1
    if count == 0:
        return None
    if not fragments.cut:
        if video:
            return EncapsulatedFrames(fragments.item_starts, array("Q", (0, count)), video=True)
        if count == number_of_frames:
            return EncapsulatedFrames(fragments.item_starts)
        if number_of_frames == 1:
            return EncapsulatedFrames(fragments.item_starts, array("Q", (0, count)))
    candidates = (
        _starts_by_offset(fragments, _unpacked("Q", extended_offset_table)),
        _starts_by_offset(fragments, _unpacked("I", fragments.offset_table)),
        fragments.codestream_starts,
    )
    for starts in candidates:
        if bounds := _bounds(fragments, starts, number_of_frames):
            return EncapsulatedFrames(fragments.item_starts, bounds)
    return None


def _starts_by_offset(fragments: Fragments, offsets: Iterable[int]) -> array[int]:
    """The numbers of the fragments at `offsets`, up to the first offset where no fragment is.

    PS3.5 Section A.4: offsets count from the first byte of the first item after the Basic Offset Table.
    """
    first = fragments.item_starts[0]
    starts = array("Q")
    for offset in offsets:
        number = bisect_left(fragments.item_starts, first + offset)
        if number == len(fragments.item_starts) or fragments.item_starts[number] != first + offset:
            break
        starts.append(number)
    return starts


def _bounds(fragments: Fragments, starts: Sequence[int], number_of_frames: int) -> array[int] | None:
    """`starts` and an end, when they are the beginnings of all frames, or of those there are in data that were cut."""
    if not starts or starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
        return None
    if fragments.cut:
        # The last frame that begins is the one that was cut: its start is the end of the whole ones.
        return array("Q", starts) if 1 < len(starts) <= number_of_frames else None
    last = len(fragments.item_starts) - 1
    return array("Q", (*starts, last)) if len(starts) == number_of_frames and starts[-1] < last else None


def _unpacked(typecode: str, table: bytes) -> array[int]:
    """The numbers of an offset table, which is little endian as all encapsulated pixel data are."""
    numbers = array(typecode)
    numbers.frombytes(table[: len(table) - len(table) % numbers.itemsize])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
