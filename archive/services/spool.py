"""One object on its way in: in memory while it is small, then in a file, with its digest, CRC-32 and size."""

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings
from isal import isal_zlib

from archive.errors import ArchiveError
from archive.storage import BlobStore, StorageFull, blobs

PREFIX = "part-"
#: A part that nobody has written to for so long has lost its process.
ABANDONED_SECONDS = 24 * 3600


def incoming() -> Path:
    """Where files are that are on their way in."""
    folder: Path = settings.ARCHIVE_DATA_DIR / "incoming"
    return folder


def remove_abandoned() -> None:
    """Remove what processes that were killed have left in the data folder's `incoming`."""
    for path in incoming().glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # another process may be doing the same
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                path.unlink()


class InstanceTooLarge(ArchiveError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The instance is larger than this archive takes ({limit} bytes).")


@contextmanager
def room() -> Iterator[None]:
    """What is written to the data folder here finds room there, or StorageFull says so."""
    try:
        yield
    except OSError as error:
        raise StorageFull(f"The data folder takes no more ({error.strerror}).") from error


class Spool:
    """Takes an object's bytes piece by piece; then `file` reads them, and `put` makes them a blob.

    Use it as a context manager or call `close`: that removes what is left of it.
    """

    def __init__(self, *, limit: int | None = None) -> None:
        """Be empty, and take no more than `limit` bytes, or `ARCHIVE_MAX_INSTANCE_SIZE`."""
        self._limit = settings.ARCHIVE_MAX_INSTANCE_SIZE if limit is None else limit
        self._pieces: list[bytes] = []
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._digest = hashlib.sha256()
        self.crc32 = 0
        self.size = 0

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            InstanceTooLarge: it exceeds the limit.
            StorageFull: the data folder takes no more.
        """
        self.size += len(data)
        if self.size > self._limit:
            raise InstanceTooLarge(self._limit)
        self._digest.update(data)
        self.crc32 = isal_zlib.crc32(data, self.crc32)
        with room():
            if self._file:
                self._file.write(data)
                return
            self._pieces.append(bytes(data))
            if self.size > settings.ARCHIVE_SPOOL_SIZE:
                self._spill()

    def _spill(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=incoming())
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "w+b", buffering=1 << 18)
        self._file.writelines(self._pieces)
        self._pieces.clear()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def file(self) -> BinaryIO:
        """The bytes taken so far, from the beginning."""
        if not self._file:
            # From here on the one copy is the file's; nothing is written after it is read.
            self._file = io.BytesIO(b"".join(self._pieces))
            self._pieces.clear()
        with room():
            self._file.flush()
        self._file.seek(0)
        return self._file

    def put(self, key: str, store: BlobStore | None = None) -> None:
        """Make the bytes a blob of this key, of objects unless another store is named, and close the spool.

        Raises:
            StorageError: they could not be stored; nothing is left under the key.
        """
        store = store or blobs()
        with self:
            file = self.file()
            if self._path:
                store.adopt(key, self._path)
            else:
                store.put(key, file, self.size)

    def close(self) -> None:
        if self._file:
            with suppress(OSError):  # bytes that a full disk did not take are not wanted any more
                self._file.close()
        if self._path:
            self._path.unlink(missing_ok=True)  # a local store has taken it over by now
        self._pieces.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
