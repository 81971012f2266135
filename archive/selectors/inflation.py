"""Data sets that are stored deflated (PS3.5 Section A.5), read in order however many ranges are asked for."""

import zlib
from collections.abc import Iterator

from archive.dicom.byte_ranges import ByteRange
from archive.errors import ArchiveError
from archive.storage import blobs

CHUNK = 1 << 20


class StoredBytesDamaged(ArchiveError):
    """A stored object no longer yields the bytes that its index promises."""


class Inflation:
    """What the raw deflate stream (RFC 1951) from offset `start` of a blob on inflates to.

    Ranges that follow each other go on where the last one ended; one from further in front begins anew, and is slow.
    """

    def __init__(self, key: str, start: int, size: int) -> None:
        self._key = key
        self._stored = ByteRange(start, size)
        self._pieces: Iterator[bytes] = iter(())
        #: The piece that was inflated last, and where it is.
        self._piece = b""
        self._position = 0
        self._begun = False

    def read(self, wanted: ByteRange) -> Iterator[bytes]:
        """A range of it, in pieces.

        Raises:
            StorageError: now, when the blob is gone.
            StoredBytesDamaged: while reading, when there are not so many bytes.
        """
        if not self._begun or wanted.start < self._position:
            self._begin()
        return self._read(wanted.start, wanted.stop)

    def _begin(self) -> None:
        self._pieces = _inflated(blobs().read(self._key, self._stored))
        self._piece, self._position, self._begun = b"", 0, True

    def _read(self, start: int, stop: int) -> Iterator[bytes]:
        while start < stop:
            if start < self._position:  # others have read on meanwhile
                self._begin()
            if found := self._piece[start - self._position : stop - self._position]:
                start += len(found)
                yield found
                continue
            more = next(self._pieces, None)
            if more is None:
                raise StoredBytesDamaged("A stored object ends before its indexed values.")
            self._position += len(self._piece)
            self._piece = more


def _inflated(compressed: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in compressed:
        waiting = piece
        while waiting and not inflater.eof:
            yield inflater.decompress(waiting, CHUNK)
            waiting = inflater.unconsumed_tail
    yield inflater.flush()
