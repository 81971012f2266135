"""Where the bytes of stored objects are, kept exactly as received. Nothing else in the archive knows.

`STORAGES["blobs"]` of the settings says which storage it is; the rest of the archive asks `blobs()`.
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
from archive.storage.parallel import io_pool

__all__ = [
    "BlobExists",
    "BlobMissing",
    "BlobStore",
    "BlobTruncated",
    "StorageError",
    "StorageFull",
    "StorageUnavailable",
    "StoredBlob",
    "blobs",
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
    storage = storages["blobs"]
    for kind in type(storage).__mro__:
        if name := STORES.get(f"{kind.__module__}.{kind.__qualname__}"):
            store: BlobStore = import_string(name)(storage)
            return store
    raise ImproperlyConfigured(f"STORAGES['blobs'] must be one of {', '.join(STORES)}.")
