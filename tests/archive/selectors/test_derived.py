"""Derived data are found while they are what they should be; what is lost is forgotten, and made again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from archive.derivation import Outcome, derive
from archive.dicom.byte_ranges import ByteRange
from archive.dicom.rendering import pictures
from archive.models import DERIVED_VERSION, DerivedBlob, DerivedKind
from archive.selectors import derived
from archive.storage import BlobStore, StorageUnavailable, derived_blobs
from tests import builders
from tests.archive.derivable import assert_rows_and_derived_blobs_agree, compressed, kinds, native, state

pytestmark = pytest.mark.django_db


def test_what_has_not_been_derived_is_not_there():
    file = compressed()

    assert derived.thumbnail(file) is None
    assert derived.native_frames(file) is None


def test_a_frame_is_read_by_its_range_alone(monkeypatch):
    file = compressed(frames=3)
    derive(file.pk)
    asked = []
    read = BlobStore.read
    monkeypatch.setattr(BlobStore, "read", lambda self, key, span: asked.append(span) or read(self, key, span))

    assert derived.native_frames(file).frame(2) == builders.frame(2)

    assert asked == [ByteRange(128, 256)]


def cut_short(blob: DerivedBlob) -> None:
    """As a power failure may do to what is not durable: the row is there, the end of the bytes is not."""
    DerivedBlob.objects.filter(pk=blob.pk).update(size=blob.size * 2)


def lose(blob: DerivedBlob) -> None:
    derived_blobs().delete(blob.blob_key)


@pytest.mark.parametrize("damage", [cut_short, lose])
def test_what_is_lost_is_forgotten_and_derived_again(damage):
    file = native()
    derive(file.pk)
    damage(DerivedBlob.objects.get())

    assert derived.thumbnail(file) is None

    assert kinds(file) == set()
    assert state(file) == "waiting"
    assert derive(file.pk) == Outcome.DONE
    assert derived.thumbnail(file)


def test_frames_that_are_lost_while_somebody_reads_them_are_not_there_any_more():
    file = compressed()
    derive(file.pk)
    found = derived.native_frames(file)
    lose(DerivedBlob.objects.get(kind=DerivedKind.FRAMES))

    assert found.frame(1) is None

    assert kinds(file) == {"thumbnail"}
    assert state(file) == "waiting"


def test_while_the_storage_is_away_nothing_is_forgotten(monkeypatch):
    file = native()
    derive(file.pk)

    def away(*arguments: object) -> None:
        raise StorageUnavailable("It is away.")

    with monkeypatch.context() as patched:
        patched.setattr(BlobStore, "read", away)
        assert derived.thumbnail(file) is None

    assert derived.thumbnail(file)


@pytest.mark.parametrize("column", [{"version": 0}, {"sha256": "0" * 64}], ids=str)
def test_what_was_made_by_another_version_or_of_other_bytes_is_not_shown(column):
    file = native()
    derive(file.pk)
    DerivedBlob.objects.update(**column)

    assert derived.thumbnail(file) is None

    assert state(file) == "waiting"
    derive(file.pk)
    assert derived.thumbnail(file)


def test_pictures_that_look_otherwise_have_other_thumbnails():
    assert pictures.VERSION == DERIVED_VERSION


def test_that_it_is_used_is_written_down_once_an_hour(django_assert_num_queries):
    file = native()
    derive(file.pk)
    long_ago = timezone.now() - timedelta(hours=2)
    DerivedBlob.objects.update(used_at=long_ago)

    derived.thumbnail(file)

    noted = DerivedBlob.objects.get().used_at
    assert noted > long_ago + timedelta(hours=1)
    with django_assert_num_queries(1):
        derived.thumbnail(file)
    assert DerivedBlob.objects.get().used_at == noted
    assert_rows_and_derived_blobs_agree()
