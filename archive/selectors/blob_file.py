"""A stored object as a file that can be read anywhere, for what has to be parsed again."""

from os import SEEK_CUR, SEEK_END, SEEK_SET

from archive.dicom.byte_ranges import ByteRange
from archive.storage import blobs

#: What is read at a jump, and at most at once: the window grows while reading goes on in order.
FIRST_WINDOW, LARGEST_WINDOW = 1 << 16, 1 << 22


class BlobFile:
    """Reads a blob of `size` bytes through a window; nothing stays open.

    Raises:
        StorageError: from `read`, as `BlobStore.read`.
    """

    def __init__(self, key: str, size: int) -> None:
        self._key, self._size = key, size
        self._position = 0
        self._start, self._window = 0, b""

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._position = offset + {SEEK_SET: 0, SEEK_CUR: self._position, SEEK_END: self._size}[whence]
        return self._position

    def read(self, size: int = -1) -> bytes:
        stop = self._size if size < 0 else min(self._position + size, self._size)
        pieces = []
        while self._position < stop:
            offset = self._position - self._start
            if not 0 <= offset < len(self._window):
                self._move_window()
                offset = 0
            pieces.append(self._window[offset : offset + stop - self._position])
            self._position += len(pieces[-1])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _move_window(self) -> None:
        in_order = self._window and self._position == self._start + len(self._window)
        length = min(4 * len(self._window), LARGEST_WINDOW) if in_order else FIRST_WINDOW
        self._start = self._position
        wanted = ByteRange(self._start, min(self._start + length, self._size))
        self._window = b"".join(blobs().read(self._key, wanted))
