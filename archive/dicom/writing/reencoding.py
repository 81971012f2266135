"""Rewrite a stored data set as Explicit VR Little Endian, with some of its elements replaced.

Values are raw bytes throughout: no text is decoded and no number is read, so that whatever a value is, it stays that.
Only its byte order changes. What is Explicit VR Little Endian already is copied as it stands around what is replaced;
sequences and items of anything else become ones of undefined length.
"""

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from archive.dicom.byte_order import byte_swapped, swapped
from archive.dicom.byte_ranges import ByteRange
from archive.dicom.charsets import DEFAULT_DECODER
from archive.dicom.dicom_json import DataSet, encode, swapped_unit
from archive.dicom.errors import MalformedDicom
from archive.dicom.fragments import ITEM, ITEM_DELIMITATION, SEQUENCE_DELIMITATION
from archive.dicom.pieces import Piece, Streamed
from archive.dicom.pixel_data import PIXEL_DATA_TAGS, PIXEL_DATA_VRS, pixel_swap
from archive.dicom.reading.data_set import (
    DEEPEST_NESTING,
    ENCAPSULATED_DOCUMENT,
    READ_LIMIT,
    UNDEFINED_LENGTH,
    Encoding,
    binary_vr,
    has_items,
    resolve_vr,
)
from archive.dicom.reading.opened_file import OpenedFile
from archive.dicom.reading.raw_elements import RawElement, RawReader, malformed
from archive.dicom.value_representations import AMBIGUOUS, LONGEST_LO, resolve_ambiguous
from archive.dicom.writing.explicit_elements import explicit_header, item_header, padding

CHUNK = 1 << 18

EXPLICIT_LITTLE_ENDIAN = Encoding(implicit_vr=False, little_endian=True)

BITS_ALLOCATED, PIXEL_REPRESENTATION, LUT_DESCRIPTOR = 0x00280100, 0x00280103, 0x00283002
#: What the VR, or the byte order, of other elements depends on, besides private creators.
_NOTED = {BITS_ALLOCATED: "US", PIXEL_REPRESENTATION: "US", LUT_DESCRIPTOR: "US"}
_LONGEST_NOTED = 2 * LONGEST_LO


@dataclass(slots=True)
class _Level:
    """One data set: where it ends, how it is encoded, and what has been noted of it and of the ones around it."""

    end: int
    encoding: Encoding
    around: tuple[DataSet, ...] = ()
    noted: DataSet = field(default_factory=dict)
    ahead: DataSet | None = None

    def inner(self, end: int, encoding: Encoding) -> "_Level":
        return _Level(end, encoding, (self.noted, *self.around))


def reencode(
    found: OpenedFile,
    replaced: Mapping[int, Sequence[Piece]],
    *,
    fragments: ByteRange | None = None,
) -> Iterator[Piece]:
    """The data set of an opened file, which has to stay open, as the bytes of Explicit VR Little Endian.

    Pixel data that are encapsulated stay so. Group lengths, and what belongs to no data set, are left out.

    Args:
        replaced: by tag, what is to stand in the place of an element of the data set itself, header and all: a new
            element, or nothing. What is not there yet goes where it belongs.
        fragments: the range of encapsulated pixel data where it is known, which spares the search for their end.

    Raises:
        MalformedDicom: while it is iterated: the bytes are not what they were when the file was parsed.
    """
    return _Rewriter(found, fragments).data_set_itself(replaced)


class _Rewriter:
    def __init__(self, found: OpenedFile, fragments: ByteRange | None) -> None:
        self._file = found.source.file
        self._raw = RawReader(self._file)
        self._start, self._end = found.start, found.source.end
        self._encoding = found.encoding
        self._fragments = fragments
        self._copies = found.encoding == EXPLICIT_LITTLE_ENDIAN

    def data_set_itself(self, replaced: Mapping[int, Sequence[Piece]]) -> Iterator[Piece]:
        level = _Level(self._end, self._encoding)
        position, waiting = self._start, deque(sorted(replaced))
        while element := self._raw.element(position, self._end, self._encoding):
            while waiting and waiting[0] <= element.tag:
                yield from replaced[waiting.popleft()]
            if element.tag in replaced or _is_left_out(element.tag):
                position = self._end_of(element, level)
            elif self._copies and element.vr and element.tag not in PIXEL_DATA_TAGS:
                self._note(element, level.encoding, level.noted)
                position = self._end_of(element, level)
                yield from self._bytes(element.at, position)
            else:
                position = yield from self._element(element, level)
        for tag in waiting:
            yield from replaced[tag]

    def _end_of(self, element: RawElement, level: _Level) -> int:
        """The position behind an element; pixel data of the object itself may be cut off."""
        if level.around or element.tag not in PIXEL_DATA_TAGS:
            return self._raw.end_of(element, level.end, level.encoding)
        if element.length != UNDEFINED_LENGTH:
            return min(element.start + element.length, level.end)
        position = self._fragments.stop if self._fragments else element.start
        for tag, length, start in self._raw.items(position, level.end, little_endian=level.encoding.little_endian):
            if tag != ITEM:
                return start
            if start + length > level.end:
                break
        return level.end

    def _data_set(self, position: int, level: _Level) -> Generator[Piece, None, int]:
        """The elements of an item. Returns the position behind them, and behind the Item Delimitation Item if any."""
        if len(level.around) > DEEPEST_NESTING:
            raise malformed(ITEM, position, f"is nested more than {DEEPEST_NESTING} deep")
        while element := self._raw.element(position, level.end, level.encoding):
            if element.tag == ITEM_DELIMITATION:
                return element.start
            if _is_left_out(element.tag):
                position = self._end_of(element, level)
            else:
                position = yield from self._element(element, level)
        return position

    def _element(self, element: RawElement, level: _Level) -> Generator[Piece, None, int]:
        """One element in the new encoding. Returns the position behind the old one."""
        self._note(element, level.encoding, level.noted)
        vr, encoding = resolve_vr(element.tag, element.vr, level.encoding, level.noted)
        if element.length == UNDEFINED_LENGTH:
            return (yield from self._undefined_length(element, vr, encoding, level))
        stop = self._end_of(element, level)
        if element.tag in PIXEL_DATA_TAGS or element.tag == ENCAPSULATED_DOCUMENT:
            vr = binary_vr(element.vr, PIXEL_DATA_VRS.get(element.tag, "OB"))
            yield from self._value(element, vr, stop, self._binary_swap(element.tag, vr, level))
        elif element.vr == "UN":
            # PS3.5 Section 6.2.2: these are implicit VR little endian in every transfer syntax.
            yield from self._value(element, "UN", stop, 1)
        elif vr == "SQ":
            if element.length:
                yield from self._sequence(element, level.inner(stop, encoding))
            else:
                yield explicit_header(element.tag, "SQ", 0)
        else:
            if vr in AMBIGUOUS:
                vr = resolve_ambiguous(vr, (self._whole(level, element.at), *level.around))
            yield from self._value(element, vr, stop, self._swap(encoding, vr, element.length))
        return stop

    def _undefined_length(
        self, element: RawElement, vr: str, encoding: Encoding, level: _Level
    ) -> Generator[Piece, None, int]:
        if not has_items(element.tag, element.vr, vr):
            return (yield from self._fragments_of(element, level))
        if element.vr == "UN":
            stop = self._end_of(element, level)
            yield explicit_header(element.tag, "UN", UNDEFINED_LENGTH)
            yield from self._bytes(element.start, stop)
            return stop
        return (yield from self._sequence(element, level.inner(level.end, encoding)))

    def _sequence(self, element: RawElement, inner: _Level) -> Generator[Piece, None, int]:
        """A sequence with its items, all of undefined length; `inner` tells where they may go on to."""
        yield explicit_header(element.tag, "SQ", UNDEFINED_LENGTH)
        position, little_endian = element.start, inner.encoding.little_endian
        while found := next(self._raw.items(position, inner.end, little_endian=little_endian), None):
            tag, length, position = found
            if tag == SEQUENCE_DELIMITATION:
                break
            if tag != ITEM or (length != UNDEFINED_LENGTH and position + length > inner.end):
                raise malformed(element.tag, element.start, "has something else than items")
            end = inner.end if length == UNDEFINED_LENGTH else position + length
            yield item_header(ITEM, UNDEFINED_LENGTH)
            position = yield from self._data_set(position, _Level(end, inner.encoding, inner.around))
            yield item_header(ITEM_DELIMITATION, 0)
            if length != UNDEFINED_LENGTH:
                position = end
        yield item_header(SEQUENCE_DELIMITATION, 0)
        return position

    def _fragments_of(self, element: RawElement, level: _Level) -> Generator[Piece, None, int]:
        """Encapsulated data (PS3.5 Section A.4). What was cut off within a fragment stays cut off there."""
        yield explicit_header(element.tag, binary_vr(element.vr, "OB"), UNDEFINED_LENGTH)
        position, little_endian = level.end, level.encoding.little_endian
        for tag, length, start in self._raw.items(element.start, level.end, little_endian=little_endian):
            if tag != ITEM:
                position = start
                break
            yield item_header(ITEM, length)
            yield from self._bytes(start, min(start + length, level.end))
            if start + length > level.end:
                return level.end
        yield item_header(SEQUENCE_DELIMITATION, 0)
        return position

    def _value(self, element: RawElement, vr: str, stop: int, swap: int) -> Iterator[Piece]:
        """The element with the bytes up to `stop` as its value."""
        length = stop - element.start
        yield explicit_header(element.tag, vr, length + length % 2)
        yield from self._bytes(element.start, stop, swap)
        if length % 2:
            yield padding(vr)

    def _bytes(self, start: int, stop: int, swap: int = 1) -> Iterator[Piece]:
        if stop - start > READ_LIMIT:
            yield Streamed(stop - start, partial(_copied, self._file, start, stop, swap))
        elif stop > start:
            data = self._raw.read(start, stop - start)
            yield data if swap == 1 else byte_swapped(data, swap)

    def _swap(self, encoding: Encoding, vr: str, length: int) -> int:
        return 1 if encoding.little_endian else swapped_unit(vr, length)

    def _binary_swap(self, tag: int, vr: str, level: _Level) -> int:
        big_endian_pixels = tag in PIXEL_DATA_TAGS and not level.encoding.little_endian
        return pixel_swap(level.noted, tag, vr) if big_endian_pixels else 1

    def _note(self, element: RawElement, encoding: Encoding, noted: DataSet) -> None:
        """Keep what the form of other elements depends on."""
        is_private_creator = element.tag >> 16 & 1 and 0x10 <= element.tag & 0xFFFF <= 0xFF
        vr = "LO" if is_private_creator else _NOTED.get(element.tag)
        if vr and 0 < element.length <= _LONGEST_NOTED:
            little_endian = encoding.little_endian or element.vr == "UN"
            value = self._raw.read(element.start, element.length)
            noted[element.key] = encode(vr, value, little_endian, DEFAULT_DECODER) or {"vr": vr}

    def _whole(self, level: _Level, position: int) -> DataSet:
        """What is noted of a data set when its elements up to LUT Descriptor, from `position` on, are known too."""
        if level.ahead is None:
            level.ahead = dict(level.noted)
            while element := self._raw.element(position, level.end, level.encoding):
                if element.tag > LUT_DESCRIPTOR:
                    break
                self._note(element, level.encoding, level.ahead)
                position = self._raw.end_of(element, level.end, level.encoding)
        return level.ahead


def _is_left_out(tag: int) -> bool:
    """Group lengths, which need not be and would be wrong, and what belongs to no data set (PS3.18 Section F.2.2)."""
    return not tag & 0xFFFF or tag >> 16 in (0, 2)


def _copied(file: BinaryIO, start: int, stop: int, swap: int) -> Iterator[bytes]:
    pieces = _chunks(file, start, stop)
    return pieces if swap == 1 else swapped(pieces, swap)


def _chunks(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    position = start
    while position < stop:
        file.seek(position)
        data = file.read(min(CHUNK, stop - position))
        if not data:
            raise MalformedDicom(f"cut off at offset {position}")
        position += len(data)
        yield data
