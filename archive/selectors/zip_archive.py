"""A zip archive that is laid out before it is read: a range of it is made of the files that it touches, and no others.

Only the central directory needs something of all files, their CRC-32, and the store keeps that.
"""

from __future__ import annotations  # array[int] is for type checkers alone before Python 3.12

from array import array
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise

from isal import isal_zlib

from archive import checksums, zip_format
from archive.dicom.byte_ranges import ByteRange
from archive.storage import ahead, blobs

#: A message of fewer bytes costs more than its bytes.
WORTH_SENDING = 64 * 1024


@dataclass(slots=True)
class StoredMember:
    """A file of the archive that is a stored object.

    Args:
        modified: `zip_format.dos_time`.
        known_crc32: None where it has to be found.
    """

    name: str
    modified: int
    size: int
    pk: int
    blob_key: str
    known_crc32: int | None

    @property
    def crc32(self) -> int:
        if self.known_crc32 is None:
            self.known_crc32 = checksums.find_crc32(self.pk, self.blob_key, self.size)
        return self.known_crc32

    def read(self, byte_range: ByteRange) -> Iterator[bytes]:
        return blobs().read(self.blob_key, byte_range)


@dataclass(frozen=True, slots=True)
class WrittenMember:
    """A file of the archive that is written for it."""

    name: str
    modified: int
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def crc32(self) -> int:
        return isal_zlib.crc32(self.content)

    def read(self, byte_range: ByteRange) -> Iterator[bytes]:
        return iter([self.content[byte_range.start : byte_range.stop]])


Member = StoredMember | WrittenMember
_Opened = tuple[Member, ByteRange, Iterator[bytes]]


class ZipArchive:
    """An archive of these files.

    Args:
        tag: the entity tag of its bytes.
    """

    def __init__(self, members: Sequence[Member], tag: str) -> None:
        self._members = members
        self.tag = tag
        lengths = (zip_format.local_header_length(member.name, member.size) + member.size for member in members)
        #: Where each file's local header is, and at the end where the central directory begins.
        self._offsets = array("Q", accumulate(lengths, initial=0))
        self._directory = ByteRange(self._offsets[-1], self._offsets[-1] + sum(self._entry_lengths()))
        self._end = zip_format.end_of_directory(
            count=len(members), offset=self._directory.start, length=self._directory.length
        )
        self.length = self._directory.stop + len(self._end)

    def _entry_lengths(self) -> Iterator[int]:
        """Of what the central directory has of each file."""
        placed = zip(self._members, self._offsets, strict=False)
        return (zip_format.directory_entry_length(member.name, member.size, offset) for member, offset in placed)

    def read(self, byte_range: ByteRange | None = None) -> Generator[bytes, None, None]:
        """The archive or a range of it. The first file it touches is opened now.

        Raises:
            StorageError: an object cannot be read. While reading too: what has been read by then is no archive.
        """
        pieces = _worth_sending(self._pieces(byte_range or ByteRange(0, self.length)))
        next(pieces)
        return pieces

    def _pieces(self, span: ByteRange) -> Generator[bytes, None, None]:
        opening = (partial(_open, *part) for part in self._parts(span))
        with closing(ahead(opening, blobs().read_ahead)) as opened:
            for member, header, content in opened:
                yield _local_header(member)[header.start : header.stop] if header.length else b""
                yield from content
        yield from self._directory_pieces(span)

    def _parts(self, span: ByteRange) -> Iterator[tuple[Member, ByteRange, ByteRange]]:
        """The files that a range touches, with the ranges of their local headers and of their bytes that it touches."""
        first = bisect_right(self._offsets, span.start) - 1
        for number in range(first, len(self._members)):
            member, start = self._members[number], self._offsets[number]
            if start >= span.stop:
                return
            content = start + zip_format.local_header_length(member.name, member.size)
            header = _touched(ByteRange(start, content), span)
            yield member, header, _touched(ByteRange(content, content + member.size), span)

    def _directory_pieces(self, span: ByteRange) -> Iterator[bytes]:
        """Those of the central directory, and of its end, that a range touches."""
        if span.stop <= self._directory.start:
            return
        places = pairwise(accumulate(self._entry_lengths(), initial=self._directory.start))
        for member, offset, (start, stop) in zip(self._members, self._offsets, places, strict=False):
            if start < span.stop and span.start < stop:
                touched = _touched(ByteRange(start, stop), span)
                yield _directory_entry(member, offset)[touched.start : touched.stop]
        touched = _touched(ByteRange(self._directory.stop, self.length), span)
        yield self._end[touched.start : touched.stop]


def _worth_sending(pieces: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """Nothing, when there is a first piece; then the same bytes, short pieces with those that follow them."""
    with closing(pieces):
        waiting = next(pieces, b"")
        yield b""
        for piece in pieces:
            waiting += piece
            if len(waiting) >= WORTH_SENDING:
                yield waiting
                waiting = b""
        yield waiting


def _touched(part: ByteRange, span: ByteRange) -> ByteRange:
    """What a range touches of a part of the archive, counted from the beginning of that part."""
    start = min(max(0, span.start - part.start), part.length)
    return ByteRange(start, max(start, min(part.length, span.stop - part.start)))


def _open(member: Member, header: ByteRange, content: ByteRange) -> _Opened:
    return member, header, member.read(content) if content.length else iter(())


def _local_header(member: Member) -> bytes:
    return zip_format.local_header(member.name, modified=member.modified, size=member.size, crc32=member.crc32)


def _directory_entry(member: Member, offset: int) -> bytes:
    return zip_format.directory_entry(
        member.name, modified=member.modified, size=member.size, crc32=member.crc32, offset=offset
    )
