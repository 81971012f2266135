"""The end of blobs that no row refers to."""

import logging
from collections.abc import Iterable

from archive.storage import BlobStore, StorageError, blobs, derived_blobs

log = logging.getLogger(__name__)


def delete_blobs(keys: Iterable[str]) -> None:
    """Remove blobs of objects that no row refers to. What cannot be removed now, a check of the storage finds."""
    _delete(blobs(), keys)


def delete_derived_blobs(keys: Iterable[str]) -> None:
    """Remove derived blobs that no row refers to. What cannot be removed now is removed as an orphan later."""
    _delete(derived_blobs(), keys)


def _delete(store: BlobStore, keys: Iterable[str]) -> None:
    for key in keys:
        try:
            store.delete(key)
        except StorageError as error:
            log.warning("could not remove the unused blob %s: %s", key, error)
