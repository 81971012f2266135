"""Instances to derive from, and what has become of that."""

from typing import Any

from pydicom.uid import JPEGLSLossless

from archive.models import Derivation, DerivedBlob, DerivedTotal
from archive.selectors import locate
from archive.selectors.locate import StoredInstance
from archive.storage import derived_blobs
from tests import builders, storing


def native(**elements: Any) -> StoredInstance:
    """An instance whose frames are stored as they are."""
    return located(storing.stored(**elements))


def compressed(frames: int = 3, **elements: Any) -> StoredInstance:
    """An instance whose frames have to be decoded; each is `builders.frame` of its number."""
    dataset = builders.compressed(JPEGLSLossless, frames, **elements)
    return located(storing.stored(dataset, transfer_syntax=JPEGLSLossless))


def located(file: storing.StoredFile) -> StoredInstance:
    (found,) = locate.instances(file.study, file.series, file.instance)
    return found


def kinds(stored: StoredInstance) -> set[str]:
    """What is derived from it by the rows."""
    return set(DerivedBlob.objects.filter(instance=stored.pk).values_list("kind", flat=True))


def state(stored: StoredInstance) -> str:
    return Derivation.objects.get(pk=stored.pk).state


def assert_rows_and_derived_blobs_agree() -> None:
    """Each row has its blob, each blob its row, and the total is right."""
    sizes = dict(DerivedBlob.objects.values_list("blob_key", "size"))
    assert {blob.key: blob.size for blob in derived_blobs().listing()} == sizes
    assert sum(DerivedTotal.objects.values_list("size", flat=True)) == sum(sizes.values())
