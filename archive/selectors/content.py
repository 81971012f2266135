"""Read stored bytes: whole objects as received, or values of them little endian and inflated."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from archive import made
from archive.dicom.byte_order import swapped
from archive.dicom.byte_ranges import ByteRange
from archive.dicom.fragments import frames_of, scan_fragments
from archive.dicom.frame_index import FrameLocation, extract_bits
from archive.dicom.pieces import joined
from archive.errors import BulkdataNotFound
from archive.selectors.blob_file import BlobFile
from archive.selectors.inflation import Inflation, StoredBytesDamaged
from archive.selectors.locate import StoredFrames, StoredInstance, StoredValue
from archive.storage import blobs


def whole(stored: StoredInstance, byte_range: ByteRange | None = None) -> Iterator[bytes]:
    """The object as received, or a range of it.

    Raises:
        StorageError: now, when the blob is gone; while reading, when it is shorter than it was.
    """
    return blobs().read(stored.blob_key, byte_range or ByteRange(0, stored.size))


def value(found: StoredValue, byte_range: ByteRange | None = None) -> Iterator[bytes]:
    """A bulk value, or a range counted from its beginning; little endian."""
    whole_value, unit = found.value.range, found.value.swap
    if byte_range is None:
        return _read(found.stored, whole_value, found.inflation, unit)
    # Bytes can be swapped only in whole units: read those, then cut.
    start, stop = byte_range.start // unit * unit, -(-byte_range.stop // unit) * unit
    units = ByteRange(whole_value.start + start, min(whole_value.start + stop, whole_value.stop))
    pieces = _read(found.stored, units, found.inflation, unit)
    return _cut(pieces, ByteRange(byte_range.start - start, byte_range.stop - start))


def frame_length(location: FrameLocation) -> int:
    """The bytes of a frame as `frame` gives it."""
    return -(-location.bits // 8)


def frame(frames: StoredFrames, location: FrameLocation, byte_range: ByteRange | None = None) -> Iterator[bytes]:
    """A frame, or a range of it: a bare codestream, or little-endian pixels that begin at their first bit.

    Those of a deflated object, for which all that is in front of them has to be inflated, are kept in memory.
    """
    if frames.inflation and frame_length(location) <= made.largest:
        key = ("inflated frame", frames.stored.sha256, location.ranges[0], location.bit_offset)
        pieces = iter([made.get(key, lambda: b"".join(_frame(frames, location)))])
    elif byte_range and _lies_as_it_is(location):
        # Whoever jumps about in a video does not read it from its beginning.
        start = location.ranges[0].start
        part = ByteRange(start + byte_range.start, start + byte_range.stop)
        return _read(frames.stored, part, frames.inflation, location.swap)
    else:
        pieces = _frame(frames, location)
    return pieces if byte_range is None else _cut(pieces, byte_range)


def _lies_as_it_is(location: FrameLocation) -> bool:
    """Whether the bytes of a frame are stored one after the other, as they are given."""
    return len(location.ranges) == location.swap == 1 and location.bits == 8 * location.ranges[0].length


def _frame(frames: StoredFrames, location: FrameLocation) -> Iterator[bytes]:
    around = ByteRange(location.ranges[0].start, location.ranges[-1].stop)
    pieces = _read(frames.stored, around, frames.inflation, location.swap)
    if len(location.ranges) > 1:
        pieces = joined(_picked(pieces, around.start, location.ranges))
    elif location.bit_offset or location.bits != 8 * around.length:
        pieces = iter([extract_bits(b"".join(pieces), location.bit_offset, location.bits)])
    return pieces


def fragments(found: StoredValue) -> StoredFrames:
    """Encapsulated data that are one stream, such as those of an icon, as one frame.

    Raises:
        BulkdataNotFound: nobody can tell, because the object is deflated.
    """
    span = found.value.range
    if found.inflation:
        raise BulkdataNotFound(found.stored.instance)
    file = cast(BinaryIO, BlobFile(found.stored.blob_key, found.stored.size))
    file.seek(span.start)
    scanned = scan_fragments(file, end=span.stop, base=0, little_endian=True)
    index = frames_of(scanned, number_of_frames=1)
    if index is None:
        raise BulkdataNotFound(found.stored.instance)
    return StoredFrames(found.stored, index, None)


def _read(stored: StoredInstance, byte_range: ByteRange, inflation: Inflation | None, swap: int) -> Iterator[bytes]:
    """A range of the data set that the instance's indexes speak of."""
    pieces = inflation.read(byte_range) if inflation else blobs().read(stored.blob_key, byte_range)
    return pieces if swap == 1 else swapped(pieces, swap)


def _picked(pieces: Iterator[bytes], position: int, ranges: Iterable[ByteRange]) -> Iterator[bytes]:
    """The bytes of these ranges, which ascend, out of pieces that begin at `position`."""
    piece = b""
    for span in ranges:
        wanted = span.start
        while wanted < span.stop:
            if found := piece[wanted - position : span.stop - position]:
                wanted += len(found)
                yield found
                continue
            position += len(piece)
            more = next(pieces, None)
            if more is None:
                raise StoredBytesDamaged("A stored object ends before its indexed frames.")
            piece = more


def _cut(pieces: Iterator[bytes], byte_range: ByteRange) -> Iterator[bytes]:
    position = 0
    for piece in pieces:
        wanted = piece[max(0, byte_range.start - position) : max(0, byte_range.stop - position)]
        position += len(piece)
        if wanted:
            yield wanted
        if position >= byte_range.stop:
            return
    if position < byte_range.stop:
        raise StoredBytesDamaged("A stored object ends before its indexed values.")
