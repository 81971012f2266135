"""What has been derived from an instance: its thumbnail, its frames as native pixels. None: not there, or not any more.

What turns out to be lost or outdated is forgotten, and will be derived again.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.utils import timezone

from archive import derived_rows
from archive.dicom.byte_ranges import ByteRange
from archive.models import DERIVED_VERSION, DerivedBlob, DerivedKind
from archive.selectors.locate import StoredInstance
from archive.storage import BlobMissing, BlobTruncated, StorageError, derived_blobs
from archive.transactions import write

#: That a blob is used is written down so often at most.
USE_IS_NOTED = timedelta(hours=1)


def thumbnail(stored: StoredInstance) -> bytes | None:
    """A small JPEG of the middle frame."""
    found = _find(stored, DerivedKind.THUMBNAIL)
    return _read(found, ByteRange(0, found.size)) if found else None


@dataclass(frozen=True, slots=True)
class DerivedFrames:
    """All frames of one instance, as `archive.dicom.images.codecs` decodes them; each begins with a byte."""

    blob: DerivedBlob
    frame_length: int

    @property
    def count(self) -> int:
        return self.blob.size // self.frame_length

    def frame(self, number: int) -> bytes | None:
        """One frame, counted from 1."""
        if not 1 <= number <= self.count:
            raise IndexError(f"there is no frame {number} of {self.count}")
        return _read(self.blob, ByteRange((number - 1) * self.frame_length, number * self.frame_length))


def native_frames(stored: StoredInstance) -> DerivedFrames | None:
    """The frames of an instance whose stored ones have to be decoded, inflated or shifted."""
    found = _find(stored, DerivedKind.FRAMES)
    return DerivedFrames(found, found.frame_length) if found and found.frame_length else None


def kinds(stored: StoredInstance) -> set[str]:
    """What there is of an instance."""
    current = DerivedBlob.objects.filter(instance=stored.pk, sha256=stored.sha256, version=DERIVED_VERSION)
    return set(current.values_list("kind", flat=True))


def _find(stored: StoredInstance, kind: DerivedKind) -> DerivedBlob | None:
    found = DerivedBlob.objects.filter(instance=stored.pk, kind=kind).first()
    if found is None:
        return None
    if (found.sha256, found.version) != (stored.sha256, DERIVED_VERSION):
        _forget(found)
        return None
    now = timezone.now()
    if found.used_at < now - USE_IS_NOTED:
        DerivedBlob.objects.filter(pk=found.pk).update(used_at=now)
    return found


def _read(blob: DerivedBlob, span: ByteRange) -> bytes | None:
    try:
        return b"".join(derived_blobs().read(blob.blob_key, span))
    except (BlobMissing, BlobTruncated):
        _forget(blob)
    except StorageError:
        pass  # it may be back soon
    return None


def _forget(blob: DerivedBlob) -> None:
    """Let it be derived again. Its blob, if there is one, is found where the storage is checked."""
    write(partial(_drop, blob))


def _drop(blob: DerivedBlob) -> None:
    if derived_rows.drop("id = %s", blob.pk):
        derived_rows.wait("id = %s", blob.instance_id)
