"""Where the bytes of stored objects are, kept exactly as received, and what is derived from them. Nothing else in the
archive knows.

`STORAGES["blobs"]` and `STORAGES["derived"]` of the settings say which storages these are; the rest of the archive asks
`blobs()` and `derived_blobs()`.
"""

from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.utils.module_loading import import_string

from archive.storage.base import BlobStore, StoredBlob
from archive.storage.errors import (
    BlobExists,
    BlobMissing,
    BlobTruncated,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from archive.storage.keys import new_key
from archive.storage.parallel import ahead, io_pool

__all__ = [
    "BlobExists",
    "BlobMissing",
    "BlobStore",
    "BlobTruncated",
    "StorageError",
    "StorageFull",
    "StorageUnavailable",
    "StoredBlob",
    "ahead",
    "blobs",
    "derived_blobs",
    "io_pool",
    "new_key",
]

#: Which of our classes works over which of Django's. By name: without S3 nobody should pay for the import of boto3.
STORES = {
    "django.core.files.storage.filesystem.FileSystemStorage": "archive.storage.filesystem.FilesystemStore",
    "storages.backends.s3.S3Storage": "archive.storage.s3.S3Store",
}


@cache
def blobs() -> BlobStore:
    """The blob storage of this archive; one for the whole process."""
    return _store("blobs", durable=True)


@cache
def derived_blobs() -> BlobStore:
    """Where blobs are that were made of others, and can be made again; one for the whole process."""
    return _store("derived", durable=False)


def _store(name: str, *, durable: bool) -> BlobStore:
    storage = storages[name]
    for kind in type(storage).__mro__:
        if found := STORES.get(f"{kind.__module__}.{kind.__qualname__}"):
            store: BlobStore = import_string(found)(storage, durable=durable)
            return store
    raise ImproperlyConfigured(f"STORAGES[{name!r}] must be one of {', '.join(STORES)}.")
