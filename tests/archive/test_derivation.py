"""What is derived from which instance, and what becomes of it when something is wrong."""

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.utils import timezone
from PIL import Image
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian, JPEGLSLossless

from archive import derivation
from archive.derivation import Outcome, derive
from archive.dicom.images import codecs
from archive.errors import NoProcess
from archive.models import Derivation, DerivedBlob
from archive.selectors import derived, native_frames
from archive.services import derivations
from archive.services.delete import delete
from archive.storage import BlobStore, StorageUnavailable, derived_blobs
from tests import builders
from tests.archive.derivable import (
    assert_rows_and_derived_blobs_agree,
    compressed,
    kinds,
    located,
    native,
    state,
)
from tests.storing import stored

pytestmark = pytest.mark.django_db

BOTH = {"thumbnail", "frames"}


# -- what there is afterwards ----------------------------------------------------


def test_the_thumbnail_is_a_small_jpeg_of_the_middle_frame():
    """Which is white here, between two that are black."""
    pixels = b"\0" * 64 + b"\xff" * 64 + b"\0" * 64
    file = native(NumberOfFrames=3, BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=pixels)

    assert derive(file.pk) == Outcome.DONE

    with Image.open(BytesIO(derived.thumbnail(file))) as image:
        assert (image.format, max(image.size)) == ("JPEG", 256)
        assert image.convert("L").getextrema() == (255, 255)


def test_compressed_frames_are_there_as_they_are_when_they_are_decoded():
    file = compressed(frames=3)

    assert derive(file.pk) == Outcome.DONE

    assert kinds(file) == BOTH
    frames = derived.native_frames(file)
    assert [frames.frame(number) for number in (3, 1, 2)] == [builders.frame(number) for number in (3, 1, 2)]
    assert frames.count == 3
    for number in (0, 4):
        with pytest.raises(IndexError):
            frames.frame(number)
    assert_rows_and_derived_blobs_agree()


def test_frames_of_a_deflated_object_are_inflated():
    frames = [builders.frame(number) for number in (1, 2)]
    dataset = builders.instance(NumberOfFrames=2, PixelData=b"".join(frames))
    file = located(stored(dataset, transfer_syntax=DeflatedExplicitVRLittleEndian))

    derive(file.pk)

    found = derived.native_frames(file)
    assert [found.frame(number) for number in (1, 2)] == frames


def test_frames_of_single_bits_begin_with_a_byte_each():
    """PS3.5 Section 8.1.1: of 9 pixels, each frame after the first begins within a byte."""
    bits = {"Rows": 3, "Columns": 3, "NumberOfFrames": 2, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    file = native(**bits, PixelData=bytes([0b10101010, 0b11111110, 0b00000011, 0]))

    derive(file.pk)

    found = derived.native_frames(file)
    assert [found.frame(number) for number in (1, 2)] == [bytes([0b10101010, 0]), bytes([0b11111111, 1])]


@pytest.mark.parametrize("transfer_syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_frames_that_are_stored_as_they_are_need_no_copy(transfer_syntax):
    file = located(stored(transfer_syntax=transfer_syntax))

    derive(file.pk)

    assert kinds(file) == {"thumbnail"}
    assert derived.native_frames(file) is None


def test_frames_that_would_take_more_than_a_tenth_of_the_budget_are_decoded_when_they_are_asked_for(settings):
    settings.ARCHIVE_DERIVED_SIZE = 10 * 60 * len(builders.frame(1)) - 1
    large, fits = compressed(frames=60), compressed(frames=59)

    assert {derive(large.pk), derive(fits.pk)} == {Outcome.DONE}

    assert kinds(large) == {"thumbnail"}
    assert kinds(fits) == BOTH


def test_what_has_no_frames_is_done_as_soon_as_it_is_stored():
    file = native(Rows=None, Columns=None, PixelData=None)

    assert state(file) == "done"
    assert derive(file.pk) == Outcome.NOTHING_TO_DO


def test_what_nothing_decodes_is_done_with_nothing_derived():
    arithmetic = "1.2.840.10008.1.2.4.52"
    file = located(stored(builders.encapsulated([b"\xff\xd8\xff\xd9"]), transfer_syntax=arithmetic))

    assert derive(file.pk) == Outcome.DONE

    assert kinds(file) == set()
    assert state(file) == "done"


def test_a_video_is_nothing_to_decode():
    video = "1.2.840.10008.1.2.4.102"
    file = located(stored(builders.encapsulated([b"\0" * 100]), transfer_syntax=video))

    assert derive(file.pk) == Outcome.DONE

    assert kinds(file) == set()


def test_nothing_is_derived_without_a_budget_and_it_waits_for_one(settings):
    settings.ARCHIVE_DERIVED_SIZE = 0
    file = native()

    assert derive(file.pk) == Outcome.NOTHING_TO_DO

    assert state(file) == "waiting"
    settings.ARCHIVE_DERIVED_SIZE = 1 << 20
    assert derive(file.pk) == Outcome.DONE


# -- again, and at once ----------------------------------------------------------


def test_what_has_been_derived_is_not_derived_again():
    file = compressed()
    derive(file.pk)
    before = list(DerivedBlob.objects.order_by("pk").values())

    assert derive(file.pk) == Outcome.NOTHING_TO_DO

    assert list(DerivedBlob.objects.order_by("pk").values()) == before


def test_an_attempt_that_was_killed_halfway_leaves_the_rest_to_the_next(monkeypatch):
    file = compressed()
    with monkeypatch.context() as dying:
        dying.setattr(derivation.locate, "frames", lambda stored: pytest.exit("killed"))
        with pytest.raises(pytest.exit.Exception):
            derive(file.pk)
    assert kinds(file) == {"thumbnail"}
    (kept,) = DerivedBlob.objects.values_list("blob_key", flat=True)

    assert derive(file.pk) == Outcome.DONE

    assert kinds(file) == BOTH
    assert DerivedBlob.objects.filter(blob_key=kept).exists()
    assert_rows_and_derived_blobs_agree()


def test_what_kills_every_worker_is_given_up(monkeypatch):
    file = native()
    with monkeypatch.context() as dying:
        dying.setattr(derivation.thumbnails, "thumbnail", lambda stored: pytest.exit("killed"))
        for _ in range(derivations.MOST_ATTEMPTS):
            with pytest.raises(pytest.exit.Exception):
                derive(file.pk)

    assert derive(file.pk) == Outcome.NOTHING_TO_DO

    row = Derivation.objects.get(pk=file.pk)
    assert (row.state, row.error) == ("failed", derivations.KILLED)


@pytest.mark.django_db(transaction=True)
def test_of_two_that_derive_the_same_at_once_one_is_kept(monkeypatch):
    file = compressed()
    make = derivation.thumbnails.thumbnail

    def made_by_another_too(stored):
        monkeypatch.setattr(derivation.thumbnails, "thumbnail", make)
        derive(stored.pk)
        return make(stored)

    monkeypatch.setattr(derivation.thumbnails, "thumbnail", made_by_another_too)

    derive(file.pk)

    assert DerivedBlob.objects.count() == 2
    assert state(file) == "done"
    assert_rows_and_derived_blobs_agree()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["deleted", "replaced"])
def test_an_instance_that_changes_meanwhile_gets_no_old_picture(monkeypatch, settings, change):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    dataset = builders.instance()
    file = located(stored(dataset))
    make = derivation.thumbnails.thumbnail

    def changed_afterwards(found):
        picture = make(found)
        if change == "deleted":
            delete(file.study)
        else:
            dataset.PixelData = b"\1\2" * 64
            stored(dataset)
        return picture

    monkeypatch.setattr(derivation.thumbnails, "thumbnail", changed_afterwards)

    derive(file.pk)

    assert not DerivedBlob.objects.exists()
    assert list(Derivation.objects.values_list("state", flat=True)) == {"deleted": [], "replaced": ["waiting"]}[change]
    assert_rows_and_derived_blobs_agree()


# -- what goes wrong -------------------------------------------------------------


def test_a_frame_that_cannot_be_decoded_fails_at_once_and_the_rest_is_derived():
    codestreams = [codecs.encode(builders.frame(n), JPEGLSLossless, builders.PIXELS) for n in (1, 2)]
    damaged = builders.encapsulated([*codestreams, b"nothing of the kind"])
    file, other = located(stored(damaged, transfer_syntax=JPEGLSLossless)), compressed()

    assert derive(file.pk) == Outcome.FAILED
    assert derive(other.pk) == Outcome.DONE

    row = Derivation.objects.get(pk=file.pk)
    assert (row.state, row.attempts, row.due_at) == ("failed", 1, None)
    assert row.error
    assert kinds(file) == {"thumbnail"}, "the middle frame is a good one"
    assert_rows_and_derived_blobs_agree()


def test_the_reason_of_a_failure_names_nobody():
    damaged = builders.encapsulated([b"\xff\xd8 Secret"], PatientName="Secret^Sally", PatientID="SECRET")
    file = located(stored(damaged, transfer_syntax=JPEGLSLossless))

    derive(file.pk)

    assert "secret" not in Derivation.objects.get(pk=file.pk).error.lower()


@pytest.fixture
def no_room(monkeypatch):
    """The storage of derived blobs takes nothing."""
    real = derived_blobs()

    def refuse(*arguments: object) -> None:
        raise StorageUnavailable("It is away.")

    away = SimpleNamespace(put=refuse, adopt=refuse, delete=real.delete)
    monkeypatch.setattr("archive.services.derived.derived_blobs", lambda: away)
    return away


@pytest.mark.usefixtures("no_room")
def test_while_the_storage_is_away_it_is_tried_again_later_and_later_and_then_given_up():
    file = native()
    pauses = []
    for _ in range(derivations.MOST_ATTEMPTS - 1):
        before = timezone.now()
        assert derive(file.pk) == Outcome.PUT_OFF
        row = Derivation.objects.get(pk=file.pk)
        assert (row.state, row.error) == ("waiting", "It is away.")
        pauses.append(round((row.due_at - before) / timedelta(minutes=1)))
    assert pauses == [1, 2, 4, 8]

    assert derive(file.pk) == Outcome.FAILED

    assert state(file) == "failed"
    assert derive(file.pk) == Outcome.NOTHING_TO_DO


def test_where_no_process_can_be_started_to_decode_in_it_is_tried_again(monkeypatch):
    def refuse(*call: object) -> None:
        raise NoProcess("there are too many")

    file = compressed(frames=2)
    with monkeypatch.context() as patched:
        patched.setattr(native_frames, "isolated", refuse)
        assert derive(file.pk) == Outcome.PUT_OFF
    assert derive(file.pk) == Outcome.DONE


def test_it_succeeds_once_the_storage_is_back(no_room, monkeypatch):
    file = native()
    derive(file.pk)
    monkeypatch.undo()

    assert derive(file.pk) == Outcome.DONE

    row = Derivation.objects.get(pk=file.pk)
    assert (row.state, row.error, row.due_at) == ("done", "", None)


def test_a_blob_that_is_gone_is_tried_again(monkeypatch):
    file = native()

    def away(self: BlobStore, *arguments: object, **options: object) -> None:
        raise StorageUnavailable("It is away.")

    monkeypatch.setattr(BlobStore, "read", away)

    assert derive(file.pk) == Outcome.PUT_OFF


def test_who_is_not_there_has_nothing_to_be_derived():
    assert derive(1 << 40) == Outcome.NOTHING_TO_DO


def test_native_frames_are_those_that_are_given_without_them():
    """The law behind it: to read what was derived and to decode give the same bytes."""
    file = compressed(frames=2)
    derive(file.pk)
    found = derivation.locate.frames(file)
    given = native_frames.native_frames(found)

    for number in (1, 2):
        assert derived.native_frames(file).frame(number) == given.decoded(number)
