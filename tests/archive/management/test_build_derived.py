"""`manage.py build_derived`: what is missing is derived, what is there is left alone."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pydicom.uid import JPEGLSLossless

from archive import derivation
from archive.models import Derivation, DerivedBlob
from archive.storage import BlobStore, StorageUnavailable, derived_blobs
from tests import builders
from tests.archive.derivable import assert_rows_and_derived_blobs_agree, compressed, kinds, native, state
from tests.storing import stored

pytestmark = pytest.mark.django_db


def build(*arguments: str) -> str:
    """What it says, without its progress bar."""
    output = StringIO()
    call_command("build_derived", *arguments, stdout=output)
    return output.getvalue()


def test_all_that_waits_is_derived_and_nothing_twice():
    files = [native(), compressed(), native(PixelData=None, Rows=None, Columns=None)]

    assert build() == "2 done, 0 failed, 0 put off, 0 nothing to do.\n"

    assert [kinds(file) for file in files] == [{"thumbnail"}, {"thumbnail", "frames"}, set()]
    assert build() == "0 done, 0 failed, 0 put off, 0 nothing to do.\n"


def test_what_was_stored_before_there_were_derivations_is_missing():
    file, without_frames = native(), native(PixelData=None, Rows=None, Columns=None)
    Derivation.objects.all().delete()

    build()

    assert kinds(file) == {"thumbnail"}
    assert (state(file), state(without_frames)) == ("done", "done")


def test_what_another_version_derived_is_derived_again():
    file = native()
    build()
    DerivedBlob.objects.update(version=0)

    assert build().startswith("1 done")

    assert_rows_and_derived_blobs_agree()
    assert kinds(file) == {"thumbnail"}


def test_what_was_deleted_is_derived_again():
    file, left_alone = compressed(), native()
    build()
    lost = DerivedBlob.objects.filter(instance=file.pk).values_list("blob_key", flat=True)
    before = set(DerivedBlob.objects.filter(instance=left_alone.pk).values_list("pk", flat=True))
    for key in lost:
        derived_blobs().delete(key)

    assert build() == "2 were lost.\n1 done, 0 failed, 0 put off, 0 nothing to do.\n"

    assert_rows_and_derived_blobs_agree()
    assert kinds(file) == {"thumbnail", "frames"}
    assert set(DerivedBlob.objects.filter(instance=left_alone.pk).values_list("pk", flat=True)) == before


def test_without_its_storage_it_says_so(monkeypatch):
    def away(store: BlobStore) -> None:
        raise StorageUnavailable("The storage is away.")

    with monkeypatch.context() as patched:
        patched.setattr(type(derived_blobs()), "listing", away)
        with pytest.raises(CommandError, match="cannot be listed: The storage is away"):
            build()


def test_one_study_alone():
    wanted, other = native(), native()

    build("--study", wanted.study)

    assert (kinds(wanted), kinds(other)) == ({"thumbnail"}, set())


def test_it_says_that_some_have_failed_and_tries_them_again_when_it_is_told_to():
    good = native()
    stored(builders.encapsulated([b"nothing of the kind"]), transfer_syntax=JPEGLSLossless)

    with pytest.raises(CommandError, match="Some have failed"):
        build()

    assert kinds(good) == {"thumbnail"}
    assert build() == "0 done, 0 failed, 0 put off, 0 nothing to do.\n"
    with pytest.raises(CommandError):
        build("--retry-failed")


def test_it_discards_and_derives_anew():
    files = [compressed(), native()]
    build()
    before = set(DerivedBlob.objects.values_list("blob_key", flat=True))

    assert build("--discard", "--study", files[0].study).startswith("2 discarded.\n1 done")

    after = set(DerivedBlob.objects.values_list("blob_key", flat=True))
    assert len(after) == 3
    assert len(before & after) == 1
    assert_rows_and_derived_blobs_agree()


def test_after_an_interruption_it_goes_on(monkeypatch):
    files = [native() for _ in range(3)]
    derive = derivation.derive

    def interrupted(pk: int) -> object:
        if pk == files[1].pk:
            raise KeyboardInterrupt
        return derive(pk)

    with monkeypatch.context() as patched:
        patched.setattr("archive.management.commands.build_derived.derive", interrupted)
        with pytest.raises(CommandError, match="go on"):
            build()

    assert build().startswith("2 done")
    assert all(kinds(file) == {"thumbnail"} for file in files)


def test_without_a_budget_it_says_why_nothing_happens(settings):
    settings.ARCHIVE_DERIVED_SIZE = 0

    with pytest.raises(CommandError, match="ARCHIVE_DERIVED_SIZE"):
        build()
