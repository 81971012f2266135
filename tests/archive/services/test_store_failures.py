"""Stores that fail half way, and stores at the same time."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from pydicom.uid import JPEGBaseline8Bit, generate_uid

from archive.errors import ArchiveError
from archive.models import Instance, Patient, Series, Study
from archive.services import store as store_module
from archive.services.outcomes import FailureReason, Outcome
from archive.services.spool import Spool
from archive.services.store import StoreBatch, StoreFailed
from archive.storage import StorageFull, blobs
from tests.archive.services.test_store import assert_each_blob_has_one_row, keys_of_blobs, kinds, twins
from tests.builders import encapsulated, instance, part10
from tests.storing import store, stored

pytestmark = pytest.mark.django_db


# -- failures --------------------------------------------------------------------


def test_an_instance_whose_bytes_cannot_be_written_is_refused_and_the_others_stored(monkeypatch):
    """STOW-51"""
    unlucky = part10(instance())
    put = blobs().put

    def sometimes_full(key: str, content: object, size: int) -> None:
        if content.read() == unlucky:  # type: ignore[attr-defined]
            raise StorageFull("no room")
        content.seek(0)  # type: ignore[attr-defined]
        put(key, content, size)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(blobs(), "put", sometimes_full)
        outcomes = store(part10(instance()), unlucky)

    assert kinds(outcomes) == ["new", FailureReason.OUT_OF_RESOURCES]
    assert_each_blob_has_one_row()


def test_when_the_database_fails_nothing_of_the_request_is_visible(monkeypatch):
    def fail(*arguments: object, **options: object) -> None:
        raise OperationalError("the server is gone")

    with monkeypatch.context() as patched:
        patched.setattr(store_module, "record", fail)
        with pytest.raises(StoreFailed) as failed:
            store(part10(instance()), part10(instance()))

    assert isinstance(failed.value, ArchiveError)
    assert Instance.objects.count() == 0


def test_a_request_that_is_abandoned_leaves_nothing():
    batch = StoreBatch()
    for _ in range(3):
        spool = Spool()
        spool.write(part10(instance()))
        batch.add(spool)

    batch.abandon()

    assert Instance.objects.count() == 0
    assert keys_of_blobs() == set()
    assert batch.finish() == []


def test_many_instances_in_one_request_are_all_stored():
    series = generate_uid()
    study = generate_uid()
    files = [
        part10(instance(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number))
        for number in range(40)
    ]

    assert kinds(store(*files)) == ["new"] * 40
    assert Series.objects.get().number_of_series_related_instances == 40
    assert_each_blob_has_one_row()


def test_compressed_pixels_are_stored_as_they_are():
    file = stored(encapsulated([b"\xff\xd8\xff" + bytes(9)] * 2), transfer_syntax=JPEGBaseline8Bit)

    row = Instance.objects.get()
    assert (row.transfer_syntax_uid, row.number_of_frames) == (JPEGBaseline8Bit, 2)
    assert b"".join(blobs().read(row.blob_key)) == file.content


# -- at the same time ------------------------------------------------------------


def at_once(*requests: Sequence[bytes]) -> list[list[Outcome]]:
    """What becomes of requests that are ready at the same moment, each in a thread of its own."""
    ready = threading.Barrier(len(requests))

    def run(files: Sequence[bytes]) -> list[Outcome]:
        try:
            batch = StoreBatch()
            for content in files:
                spool = Spool()
                spool.write(content)
                batch.add(spool)
            ready.wait(10)
            return batch.finish()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(run, requests))


@pytest.mark.django_db(transaction=True)
def test_STOW_84_the_same_instance_stored_at_once_is_one_row_and_no_error():
    content = part10(instance())

    outcomes = at_once(*[[content]] * 4)

    assert sorted(kinds([outcome for (outcome,) in outcomes])) == ["known", "known", "known", "new"]
    assert Study.objects.get().number_of_study_related_instances == 1
    assert Series.objects.get().number_of_series_related_instances == 1
    assert_each_blob_has_one_row()


@pytest.mark.django_db(transaction=True)
def test_STOW_84_different_content_stored_at_once_is_one_row_and_refusals():
    first, second = twins()

    outcomes = at_once([part10(first)], [part10(second)])

    found = kinds([outcome for (outcome,) in outcomes])
    assert set(found) == {"new", FailureReason.DUPLICATE_SOP_INSTANCE}
    assert_each_blob_has_one_row()


@pytest.mark.django_db(transaction=True)
def test_STOW_84_different_content_at_once_leaves_one_of_them_where_it_replaces(settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    first, second = map(part10, twins())

    outcomes = at_once([first], [second])

    assert kinds([outcome for (outcome,) in outcomes]) == ["new", "new"]
    assert b"".join(blobs().read(Instance.objects.get().blob_key)) in {first, second}
    assert Study.objects.get().number_of_study_related_instances == 1
    assert_each_blob_has_one_row()


@pytest.mark.django_db(transaction=True)
def test_one_study_stored_by_several_at_once_has_one_row_and_right_counts():
    study, patient = generate_uid(), "ID-7"
    shared = generate_uid()
    requests = [
        [
            part10(instance(StudyInstanceUID=study, SeriesInstanceUID=series, PatientID=patient, Modality=modality))
            for series in (shared, own)
            for _ in range(2)
        ]
        for modality, own in ((modality, generate_uid()) for modality in ("CT", "MR", "PT", "SR"))
    ]

    outcomes = at_once(*requests)

    assert {kind for answer in outcomes for kind in kinds(answer)} == {"new"}
    row = Study.objects.get()
    assert (row.number_of_study_related_series, row.number_of_study_related_instances) == (5, 16)
    assert sorted(Series.objects.values_list("number_of_series_related_instances", flat=True)) == [2, 2, 2, 2, 8]
    assert Patient.objects.count() == 1
    assert set(row.modalities_in_study.split("\\")) == set(Series.objects.values_list("modality", flat=True))
    assert_each_blob_has_one_row()


@pytest.mark.django_db(transaction=True)
def test_requests_that_touch_the_same_studies_in_any_order_do_not_block_each_other():
    studies = [generate_uid() for _ in range(3)]
    requests = [
        [part10(instance(StudyInstanceUID=study, PatientID="ID-7")) for study in order]
        for order in (studies, studies[::-1], studies[1:] + studies[:1])
    ]

    outcomes = at_once(*requests)

    assert {kind for answer in outcomes for kind in kinds(answer)} == {"new"}
    assert set(Study.objects.values_list("number_of_study_related_instances", flat=True)) == {3}
    assert Patient.objects.count() == 1
