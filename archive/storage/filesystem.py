"""Blobs as files of a local or mounted file system."""

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from django.core.files.storage import FileSystemStorage

from archive.dicom.byte_ranges import ByteRange
from archive.storage.base import CHUNK, BlobStore, StoredBlob, rewind
from archive.storage.errors import (
    BlobExists,
    BlobMissing,
    BlobTruncated,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from archive.storage.keys import is_key, require_key

FILE_MODE, FOLDER_MODE = 0o640, 0o750

#: What a file system says when it takes no more bytes: of anybody, of this user, in one file.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
#: What it says when it cannot give a file a second name: other file system, no such feature.
NO_LINK = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}

#: From this length on the kernel is told to read further ahead.
LONG_READ = 8 << 20


class FilesystemStore(BlobStore):
    """Files below one folder, the key their path.

    A blob is written under its own name at once: nobody knows the key before the database has it, so there is nothing
    to hide by a rename, which would cost a second commit of the file system's journal.

    Args:
        durable: False for what can be made again: a power failure may then cut short what was written last.
    """

    read_ahead = 0

    def __init__(self, storage: FileSystemStorage, *, durable: bool = True) -> None:
        self._root = Path(storage.location)
        self._durable = durable
        #: Folders whose own names this process has made durable.
        self._durable_folders: set[Path] = set()

    def put(self, key: str, content: BinaryIO, size: int) -> None:
        rewind(content, size)
        with _translated(key):
            path = self._path_for_writing(key)
            with _new_file(path) as file:
                copyfileobj(content, file, CHUNK)
                file.flush()
                self._sync(file, path)

    def adopt(self, key: str, path: Path) -> None:
        with path.open("rb") as file, _translated(key):
            target = self._path_for_writing(key)
            try:
                os.link(path, target)
            except OSError as error:
                if error.errno not in NO_LINK:
                    raise
                self.put(key, file, path.stat().st_size)
            else:
                with _removed_on_failure(target):
                    os.fchmod(file.fileno(), FILE_MODE)
                    self._sync(file, target)
            path.unlink()

    def _chunks(self, key: str, byte_range: ByteRange | None, chunk_size: int) -> Generator[bytes, None, None]:
        with _translated(key):
            descriptor = os.open(self._path(key), os.O_RDONLY)
        try:
            size = os.fstat(descriptor).st_size
            position, stop = (byte_range.start, byte_range.stop) if byte_range else (0, size)
            if stop > size:
                raise BlobTruncated(key)
            if stop - position >= LONG_READ:
                os.posix_fadvise(descriptor, position, stop - position, os.POSIX_FADV_SEQUENTIAL)
            while position < stop:
                with _translated(key):
                    chunk = os.pread(descriptor, min(chunk_size, stop - position), position)
                if not chunk:
                    raise BlobTruncated(key)
                position += len(chunk)
                yield chunk
        finally:
            os.close(descriptor)

    def size(self, key: str) -> int:
        with _translated(key):
            return self._path(key).stat().st_size

    def delete(self, key: str) -> None:
        with _translated(key):
            self._path(key).unlink(missing_ok=True)

    def listing(self) -> Iterator[StoredBlob]:
        self.check()
        for entry in _files(self._root):
            key = str(Path(entry.path).relative_to(self._root))
            if not is_key(key):
                continue
            with suppress(BlobMissing), _translated(key):  # deleted since the folder was read
                status = entry.stat(follow_symlinks=False)
                yield StoredBlob(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def check(self) -> None:
        try:
            self._root.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
            writable = os.access(self._root, os.R_OK | os.W_OK | os.X_OK)
        except OSError as error:
            raise _failure(error) from error
        if not writable:
            raise StorageUnavailable(f"The folder of the blobs, {self._root}, cannot be written to.")

    def _path(self, key: str) -> Path:
        return self._root / require_key(key)

    def _path_for_writing(self, key: str) -> Path:
        path = self._path(key)
        if self._durable:
            self._make_durable(path.parent)
        else:
            path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        return path

    def _sync(self, file: BinaryIO, path: Path) -> None:
        """Make a file's bytes durable, then the name it has."""
        if self._durable:
            os.fsync(file.fileno())
            _sync_folder(path.parent)

    def _make_durable(self, folder: Path) -> None:
        """Make a folder, and see that its name and those of the folders above outlive a crash.

        That the folder exists does not say so: the process that made it may not have synced it yet.
        """
        if folder in self._durable_folders and folder.is_dir():
            return
        if folder == self._root:
            folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        else:
            self._make_durable(folder.parent)
            folder.mkdir(FOLDER_MODE, exist_ok=True)
        _sync_folder(folder.parent)
        self._durable_folders.add(folder)


def _files(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    """The files of a folder and of those below, as they are read."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                else:
                    yield entry
    except OSError as error:
        raise _failure(error) from error


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with _removed_on_failure(path), os.fdopen(descriptor, "wb") as file:
        yield file


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Says in our words what the file system says about a blob."""
    try:
        yield
    except FileNotFoundError as error:
        raise BlobMissing(key) from error
    except FileExistsError as error:
        raise BlobExists(key) from error
    except OSError as error:
        raise _failure(error) from error


def _failure(error: OSError) -> StorageError:
    reason = error.strerror or type(error).__name__
    if error.errno in NO_ROOM:
        return StorageFull(f"The file system of the blobs takes no more: {reason}.")
    return StorageUnavailable(f"The file system of the blobs cannot be used: {reason}.")
