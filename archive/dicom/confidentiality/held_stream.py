"""A stream whose beginning is held, so that it can be read like a file before it is passed on."""

from collections.abc import Iterator

from archive.dicom.errors import MalformedDicom
from archive.errors import ArchiveError

CHUNK = 1 << 18


class HeadTooLarge(ArchiveError):
    """More than is held in memory would have to be."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"More than {limit} bytes come before the pixel data.")


class HeldStream:
    """`seek` and `read` look at the beginning of the pieces; `passed_on` consumes it."""

    def __init__(self, pieces: Iterator[bytes], limit: int) -> None:
        self._pieces = pieces
        self._limit = limit
        self._held = bytearray()
        self._position = 0

    def seek(self, position: int) -> None:
        self._position = position

    def read(self, length: int) -> bytes:
        """So many bytes from the position on, or what there is.

        Raises:
            HeadTooLarge: more than `limit` bytes would be held.
        """
        stop = self._position + length
        if stop > self._limit:
            raise HeadTooLarge(self._limit)
        self._hold(stop)
        return bytes(self._held[self._position : stop])

    def _hold(self, length: int) -> None:
        while len(self._held) < length and (piece := next(self._pieces, None)) is not None:
            self._held += piece

    def forget(self, length: int) -> None:
        """From here on, position 0 is what now is position `length`."""
        del self._held[:length]

    def passed_on(self, length: int) -> Iterator[bytes]:
        """The next bytes, which are forgotten.

        Raises:
            MalformedDicom: while it is iterated: there are not so many.
        """
        while length:
            self._hold(1)
            data = bytes(self._held[: min(length, CHUNK)])
            if not data:
                raise MalformedDicom("cut off in the pixel data")
            self.forget(len(data))
            length -= len(data)
            yield data
