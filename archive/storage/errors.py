"""What can go wrong with stored bytes. Messages carry keys and codes, never content."""

from archive.errors import ArchiveError


class StorageError(ArchiveError):
    """The base of every error of the blob storage."""


class BlobMissing(StorageError):
    def __init__(self, key: str) -> None:
        super().__init__(f"There is no blob {key}.")


class BlobExists(StorageError):
    """A key is never reused: the bytes under it stay."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is a blob {key} already.")


class BlobTruncated(StorageError):
    def __init__(self, key: str) -> None:
        super().__init__(f"The blob {key} is shorter than the bytes asked of it.")


class StorageFull(StorageError):
    """There is no room for the bytes; those stored before can be read."""


class StorageUnavailable(StorageError):
    """The storage cannot be reached, or refuses to work; the same request may succeed later."""
