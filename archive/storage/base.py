"""What every kind of blob storage does."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO, ClassVar

from archive.dicom.byte_ranges import ByteRange
from archive.storage.keys import require_key

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """One blob, as a listing of the storage shows it."""

    key: str
    size: int
    modified: datetime


class BlobStore(ABC):
    """Bytes under keys. A key is made by `new_key`, written once, and never reused.

    Every method may be called from several threads at once, and raises a `StorageError` when the storage fails.
    """

    #: How many blobs are worth opening before they are needed: the further away the storage, the more.
    read_ahead: ClassVar[int]

    @abstractmethod
    def put(self, key: str, content: BinaryIO, size: int) -> None:
        """Store the bytes of `content`, from its beginning. They are durable when this returns, if the store is.

        When it raises, nothing is left under the key, as far as the storage can still be told so. An `OSError` of
        `content` itself may come through as it is.

        Raises:
            BlobExists: the key is taken; its blob is as it was.
            StorageFull: there is no room.
            ValueError: `content` has not `size` bytes.
        """

    @abstractmethod
    def adopt(self, key: str, path: Path) -> None:
        """As `put`, with the bytes of a local file, which becomes the storage's: it is gone when this returns."""

    def read(
        self, key: str, byte_range: ByteRange | None = None, *, chunk_size: int = CHUNK
    ) -> Generator[bytes, None, None]:
        """The bytes of a blob, or of a range of it, in chunks of at most `chunk_size`.

        The blob is opened and the first chunk is read now, while a caller can still answer with an error. Whoever
        does not read to the end should close the generator; to drop it does the same.

        Raises:
            BlobMissing: there is no such blob.
            BlobTruncated: the range does not lie inside the blob. Also while reading, should the blob shrink.
        """
        opened = _opened(self._chunks(require_key(key), byte_range, chunk_size))
        next(opened)
        return opened

    @abstractmethod
    def _chunks(self, key: str, byte_range: ByteRange | None, chunk_size: int) -> Generator[bytes, None, None]:
        """What `read` gives, its checks made before the first chunk; nothing for no bytes."""

    @abstractmethod
    def size(self, key: str) -> int:
        """The number of bytes of a blob.

        Raises:
            BlobMissing: there is no such blob.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove a blob. That it is missing is fine."""

    @abstractmethod
    def listing(self) -> Iterator[StoredBlob]:
        """Every blob, in no particular order, without holding them all in memory. What is not a blob is left out."""

    @abstractmethod
    def check(self) -> None:
        """Look, quickly, whether the storage can be used.

        Raises:
            StorageUnavailable: it cannot; the message says why.
        """


def _opened(chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """The same chunks, after an empty one that comes when the first has been read.

    A generator that has not begun would neither have made its checks nor run its `finally` when it is dropped.
    """
    with closing(chunks):
        first = next(chunks, b"")
        yield b""
        if first:
            yield first
        yield from chunks


def rewind(content: BinaryIO, size: int) -> None:
    """Go to the beginning of a file that should have so many bytes.

    Raises:
        ValueError: it has not.
    """
    if (actual := content.seek(0, SEEK_END)) != size:
        raise ValueError(f"the content has {actual} bytes, not {size}")
    content.seek(0)
