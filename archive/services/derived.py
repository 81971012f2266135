"""Keep what is derived from instances, within its budget.

A blob is put first, then its row; rows go first, then their blobs. What a crash leaves in between are blobs without a
row, which `remove_orphans` finds.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils import timezone

from archive import derived_rows, rows
from archive.models import DERIVED_VERSION, DerivedBlob, DerivedKind
from archive.services.blob_removal import delete_derived_blobs
from archive.services.spool import Spool
from archive.storage import derived_blobs, new_key
from archive.transactions import write

SUFFIXES = {DerivedKind.THUMBNAIL: "jpg", DerivedKind.FRAMES: "raw"}
#: A blob without a row that is younger may be about to get one.
ORPHANED_AFTER = timedelta(hours=1)
#: Rows, or keys, that are dealt with together.
BATCH = 500


def keep(instance: int, sha256: str, kind: DerivedKind, content: Spool, *, frame_length: int | None = None) -> bool:
    """Keep what was made of an instance; what was used least makes room for it.

    Returns False, and nothing is kept, when the instance is gone or has other bytes now, when somebody else was faster,
    or when it is larger than the budget.

    Args:
        sha256: of the object that it was made of.
        content: closed when this returns.

    Raises:
        StorageError: it cannot be written.
    """
    with content:
        if content.size > settings.ARCHIVE_DERIVED_SIZE:
            return False
        make_room(content.size)
        blob = DerivedBlob(
            instance_id=instance,
            kind=kind,
            sha256=sha256,
            version=DERIVED_VERSION,
            blob_key=new_key(SUFFIXES[kind]),
            size=content.size,
            frame_length=frame_length,
        )
        content.put(blob.blob_key, derived_blobs())
    kept, unused = write(partial(_keep, blob))
    delete_derived_blobs(unused)
    return kept


def _keep(blob: DerivedBlob) -> tuple[bool, list[str]]:
    """Whether the blob has a row now, and the keys of blobs that have none any more."""
    stored = rows.select_for_update("SELECT sha256 FROM archive_instance WHERE id = %s", blob.instance_id, no_key=True)
    before = DerivedBlob.objects.filter(instance=blob.instance_id, kind=blob.kind).first()
    if stored != [(blob.sha256,)] or (before and before.version == DERIVED_VERSION and before.sha256 == blob.sha256):
        return False, [blob.blob_key]
    unused = derived_rows.drop("instance_id = %s AND kind = %s", blob.instance_id, blob.kind)
    unused += _drop_least_used(blob.size)
    derived_rows.charge(blob.size)
    blob.save(force_insert=True)
    return True, unused


def make_room(wanted: int = 0) -> None:
    """Remove what was used least, until so many bytes more are within the budget."""
    while keys := write(partial(_drop_least_used, wanted, BATCH)):
        delete_derived_blobs(keys)


def _drop_least_used(wanted: int, most: int | None = None) -> list[str]:
    excess = derived_rows.charge(0) + wanted - settings.ARCHIVE_DERIVED_SIZE
    return _drop(list(_least_used(excess, most)))


def _least_used(excess: int, most: int | None) -> Iterator[int]:
    """The primary keys of so many derived blobs that they have as many bytes, but no more than `most`."""
    if excess <= 0:
        return
    least_used = DerivedBlob.objects.order_by("used_at", "pk").values_list("pk", "size")
    for pk, size in islice(least_used.iterator(BATCH), most):
        yield pk
        excess -= size
        if excess <= 0:
            return


def discard(blobs: QuerySet[DerivedBlob]) -> int:
    """Remove derived blobs, and let them be derived again. Returns how many they were."""
    # By themselves: a filter of the list may be one that no row meets once it has been read.
    return _discard_all(list(blobs.order_by("pk").values_list("pk", flat=True)))


def discard_lost() -> int:
    """Let what has lost its blob be derived again, before somebody asks for it. Returns how many they were.

    Raises:
        StorageError: the storage cannot be listed.
    """
    rows_of_before = DerivedBlob.objects.filter(created_at__lt=timezone.now())
    # There may be millions. Two keys with one hash would leave a row to who reads it, and misses the blob.
    there = {hash(blob.key) for blob in derived_blobs().listing()}
    found = rows_of_before.order_by("pk").values_list("pk", "blob_key").iterator(BATCH)
    return _discard_all([pk for pk, key in found if hash(key) not in there])


def _discard_all(pks: Sequence[int]) -> int:
    number = 0
    for start in range(0, len(pks), BATCH):
        keys = write(partial(_discard, pks[start : start + BATCH]))
        delete_derived_blobs(keys)
        number += len(keys)
    return number


def _discard(blobs: Sequence[int]) -> list[str]:
    owners = tuple(DerivedBlob.objects.filter(pk__in=blobs).values_list("instance", flat=True))
    keys = _drop(blobs)
    if owners:
        derived_rows.wait("id IN %s", owners)
    return keys


def _drop(blobs: Sequence[int]) -> list[str]:
    keys = []
    for start in range(0, len(blobs), BATCH):
        keys += derived_rows.drop("id IN %s", tuple(blobs[start : start + BATCH]))
    return keys


def count() -> None:
    """Add up anew what there is, in case that somebody has meddled with the rows."""
    write(_count)


def _count() -> None:
    counted = derived_rows.charge(0)
    actual = DerivedBlob.objects.aggregate(total=Sum("size"))["total"] or 0
    derived_rows.charge(actual - counted)


def remove_orphans() -> None:
    """Remove derived blobs that have no row."""
    latest = timezone.now() - ORPHANED_AFTER
    old = (blob.key for blob in derived_blobs().listing() if blob.modified < latest)
    while keys := list(islice(old, BATCH)):
        known = rows.select("SELECT blob_key FROM archive_derivedblob WHERE blob_key IN %s", tuple(keys))
        delete_derived_blobs(set(keys) - {key for (key,) in known})
