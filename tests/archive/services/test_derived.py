"""Derived data stay within their budget, and rows and blobs agree, whoever comes and goes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.uid import generate_uid

from archive.derivation import derive
from archive.models import Derivation, DerivedBlob, DerivedKind, DerivedTotal, Instance
from archive.selectors import derived as found
from archive.services import derived
from archive.services.delete import delete
from archive.services.spool import Spool
from archive.storage import blobs, derived_blobs, new_key
from tests import builders, factories
from tests.archive.derivable import assert_rows_and_derived_blobs_agree, compressed, kinds, located, native, state
from tests.storing import stored

pytestmark = pytest.mark.django_db


def keep(instance: Instance, kind: DerivedKind, size: int, *, sha256: str | None = None) -> bool:
    spool = Spool()
    spool.write(bytes(size))
    return derived.keep(instance.pk, sha256 or instance.sha256, kind, spool)


def total() -> int:
    return sum(blob.size for blob in derived_blobs().listing())


# -- the budget ------------------------------------------------------------------

BUDGET = 1000

steps = st.lists(
    st.tuples(
        st.sampled_from(["keep", "use", "discard", "prune"]),
        st.integers(0, 2),
        st.sampled_from(DerivedKind),
        st.integers(0, BUDGET + 1),
    ),
    max_size=12,
)


@given(steps)
@hypothesis_settings(max_examples=20)
def test_there_is_never_more_than_the_budget_and_rows_and_blobs_agree(done):
    before, django_settings.ARCHIVE_DERIVED_SIZE = django_settings.ARCHIVE_DERIVED_SIZE, BUDGET
    instances = [factories.instance() for _ in range(3)]
    try:
        for action, number, kind, size in done:
            chosen = DerivedBlob.objects.filter(instance=instances[number], kind=kind)
            if action == "keep":
                kept = keep(instances[number], kind, size)
                assert kept or size > BUDGET or chosen.exists()
            elif action == "use":
                chosen.update(used_at="2040-01-01T00:00:00Z")
            elif action == "discard":
                derived.discard(chosen)
            else:
                derived.make_room()
            assert total() <= BUDGET
            assert_rows_and_derived_blobs_agree()
    finally:
        django_settings.ARCHIVE_DERIVED_SIZE = before
        derived.discard(DerivedBlob.objects.all())


def test_what_was_used_least_goes_first(settings):
    settings.ARCHIVE_DERIVED_SIZE = 250
    instances = [factories.instance() for _ in range(3)]
    for row in instances[:2]:
        keep(row, DerivedKind.THUMBNAIL, 100)
    DerivedBlob.objects.filter(instance=instances[1]).update(used_at="2020-01-01T00:00:00Z")

    keep(instances[2], DerivedKind.THUMBNAIL, 100)

    left = set(DerivedBlob.objects.values_list("instance", flat=True))
    assert left == {instances[0].pk, instances[2].pk}


def test_a_budget_that_has_become_less_is_kept_too(settings):
    for _ in range(5):
        keep(factories.instance(), DerivedKind.THUMBNAIL, 100)

    settings.ARCHIVE_DERIVED_SIZE = 250
    derived.make_room()

    assert total() == 200
    settings.ARCHIVE_DERIVED_SIZE = 0
    derived.make_room()
    assert total() == 0
    assert_rows_and_derived_blobs_agree()


@pytest.mark.django_db(transaction=True)
def test_several_at_once_stay_within_it(settings):
    settings.ARCHIVE_DERIVED_SIZE = 1000
    instances = [factories.instance() for _ in range(40)]

    def fill(some: Sequence[Instance]) -> None:
        try:
            for row in some:
                keep(row, DerivedKind.THUMBNAIL, 90)
                assert DerivedTotal.objects.get().size <= 1000
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, [instances[start::4] for start in range(4)]))

    assert total() == 990
    assert_rows_and_derived_blobs_agree()


def test_a_total_that_somebody_has_spoilt_is_put_right():
    keep(factories.instance(), DerivedKind.THUMBNAIL, 100)
    DerivedTotal.objects.update(size=12345)

    derived.count()

    assert_rows_and_derived_blobs_agree()


# -- whose they are --------------------------------------------------------------


def test_only_what_was_made_of_the_present_bytes_is_kept():
    row = factories.instance()

    assert not keep(row, DerivedKind.THUMBNAIL, 100, sha256="0" * 64)

    assert_rows_and_derived_blobs_agree()
    assert total() == 0


def test_what_another_version_made_is_replaced():
    row = factories.instance()
    keep(row, DerivedKind.THUMBNAIL, 100)
    DerivedBlob.objects.update(version=0)

    assert keep(row, DerivedKind.THUMBNAIL, 50)

    assert total() == 50
    assert_rows_and_derived_blobs_agree()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", [1, 2, 3], ids=["study", "series", "instance"])
def test_nothing_made_of_the_pixels_of_a_deleted_patient_stays(level):
    study, series = generate_uid(), generate_uid()
    gone = compressed(StudyInstanceUID=study, SeriesInstanceUID=series)
    other = native()
    for file in (gone, other):
        derive(file.pk)

    delete(*[gone.study, gone.series, gone.instance][:level])

    assert set(DerivedBlob.objects.values_list("instance", flat=True)) == {other.pk}
    assert not Derivation.objects.filter(pk=gone.pk).exists()
    assert_rows_and_derived_blobs_agree()


@pytest.mark.django_db(transaction=True)
def test_nothing_made_of_replaced_pixels_stays_and_the_new_ones_wait(settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    dataset = builders.instance()
    before = located(stored(dataset))
    derive(before.pk)
    dataset.PixelData = b"\1\2" * 64

    after = located(stored(dataset))

    assert (after.pk, kinds(after), state(after)) == (before.pk, set(), "waiting")
    assert total() == 0
    derive(after.pk)
    assert found.thumbnail(after)
    assert found.thumbnail(before) is None, "those who still have the old row get no new picture for it"


def test_what_is_discarded_is_derived_again():
    file = compressed()
    derive(file.pk)

    assert derived.discard(DerivedBlob.objects.all()) == 2

    assert total() == 0
    assert state(file) == "waiting"
    derive(file.pk)
    assert kinds(file) == {"thumbnail", "frames"}


# -- orphans ---------------------------------------------------------------------


def test_derived_blobs_and_those_of_objects_do_not_see_each_other():
    file = native()
    derive(file.pk)

    assert [blob.key for blob in blobs().listing()] == [file.blob_key]
    assert [blob.key for blob in derived_blobs().listing()] == [DerivedBlob.objects.get().blob_key]


def test_what_a_crash_has_left_is_removed_once_it_is_old_enough(monkeypatch):
    file = native()
    derive(file.pk)
    orphan = new_key("raw")
    spool = Spool()
    spool.write(b"pixels")
    spool.put(orphan, derived_blobs())

    derived.remove_orphans()
    assert orphan in {blob.key for blob in derived_blobs().listing()}

    monkeypatch.setattr(derived, "ORPHANED_AFTER", -derived.ORPHANED_AFTER)
    derived.remove_orphans()
    assert_rows_and_derived_blobs_agree()
    assert kinds(file) == {"thumbnail"}
    assert len(list(blobs().listing())) == 1
