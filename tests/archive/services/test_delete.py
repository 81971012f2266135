"""Deleting: rows, counts, tombstones and blobs stay one whole, whoever else writes at the same time."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import connection
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from archive.errors import Deleted, InstanceNotFound, NotStored, SeriesNotFound, StudyNotFound
from archive.models import Instance, InstanceMetadata, Patient, Series, Study, Tombstone
from archive.selectors import content, locate, metadata
from archive.services import delete as delete_module
from archive.services.delete import delete
from archive.services.outcomes import Stored
from archive.storage import BlobMissing, StorageUnavailable, blobs
from tests.builders import instance, part10
from tests.storing import store, stored, stored_file, stored_study

# Blobs are removed after the commit, so there has to be one.
pytestmark = pytest.mark.django_db(transaction=True)


def assert_rows_and_blobs_agree() -> None:
    """Every count is right, nothing is empty, nothing stored has a tombstone, and each blob has one row."""
    for study in Study.objects.all():
        series = list(study.series.all())
        modalities = {modality for one in series for modality in one.modality.split("\\")} - {""}
        assert study.modalities_in_study == "\\".join(sorted(modalities))
        assert study.number_of_study_related_series == len(series) > 0
        total = sum(one.number_of_series_related_instances for one in series)
        assert study.number_of_study_related_instances == total
        assert not Tombstone.objects.filter(study_instance_uid=study.study_instance_uid, series_instance_uid="")
    for one in Series.objects.all():
        assert one.number_of_series_related_instances == one.instances.count() > 0
        assert not Tombstone.objects.filter(series_instance_uid=one.series_instance_uid, sop_instance_uid="")
    uids = Instance.objects.values_list("sop_instance_uid", flat=True)
    assert not Tombstone.objects.filter(sop_instance_uid__in=list(uids))
    assert not Patient.objects.filter(studies=None)
    keys = Instance.objects.values_list("blob_key", flat=True)
    assert sorted(keys) == sorted(blob.key for blob in blobs().listing())
    assert InstanceMetadata.objects.count() == len(keys)


# -- what goes and what stays ----------------------------------------------------


def test_OTH_08_an_instance_is_deleted_and_the_rest_counted_again():
    (first, second) = stored_study([2, 1])

    delete(first[0].study, first[0].series, first[0].instance)

    assert set(Instance.objects.values_list("sop_instance_uid", flat=True)) == {first[1].instance, second[0].instance}
    study = Study.objects.get()
    assert (study.number_of_study_related_series, study.number_of_study_related_instances) == (2, 2)
    assert_rows_and_blobs_agree()


@pytest.mark.parametrize("by_instance", [False, True], ids=["series", "last-instance"])
def test_OTH_08_a_series_is_deleted_or_disappears_with_its_last_instance(by_instance):
    study = generate_uid()
    kept = stored(StudyInstanceUID=study, Modality="MR")
    gone = stored(StudyInstanceUID=study, Modality="CT")

    delete(study, gone.series, gone.instance if by_instance else None)

    assert Series.objects.get().series_instance_uid == kept.series
    assert Study.objects.get().modalities_in_study == "MR"
    assert_rows_and_blobs_agree()


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_OTH_08_nothing_at_all_is_left_of_the_last_instance(level):
    request = Dataset()
    request.RequestedProcedureID = "RP-1"
    file = stored(instance(RequestAttributesSequence=[request], ReferringPhysicianName="Roe^Richard"))

    delete(*[file.study, file.series, file.instance][: 1 + ["study", "series", "instance"].index(level)])

    models = [model for model in apps.get_app_config("archive").get_models() if model is not Tombstone]
    assert {model.__name__: model.objects.count() for model in models if model.objects.exists()} == {}
    assert list(blobs().listing()) == []


def test_a_patient_stays_while_another_study_is_theirs():
    gone, kept = stored(PatientID="ID-7"), stored(PatientID="ID-7")

    delete(gone.study)

    assert Study.objects.get().study_instance_uid == kept.study
    assert Patient.objects.get().patient_id == "ID-7"
    assert_rows_and_blobs_agree()


def test_the_same_series_uid_in_another_study_is_left_alone():
    series = generate_uid()
    gone, kept = stored(SeriesInstanceUID=series), stored(SeriesInstanceUID=series)

    delete(gone.study, series)

    assert Instance.objects.get().sop_instance_uid == kept.instance
    assert isinstance(locate.instances(kept.study, series)[0], locate.StoredInstance)
    with pytest.raises(Deleted):
        locate.instances(gone.study, series)


def test_a_large_study_takes_no_more_queries_than_a_small_one(django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(delete_module, "KEYS_AT_ONCE", 10)
    monkeypatch.setattr(delete_module, "KEYS_IN_MEMORY", 100)
    study, series = generate_uid(), generate_uid()
    store(*(part10(instance(StudyInstanceUID=study, SeriesInstanceUID=series)) for _ in range(60)))

    with django_assert_max_num_queries(30):
        delete(study)

    assert Tombstone.objects.count() == 62
    assert_rows_and_blobs_agree()


# -- what is said of it afterwards -----------------------------------------------


def test_WADO_19_all_that_was_below_is_deleted_and_what_never_was_is_not_found():
    (first, second) = stored_study([2, 1])
    study = first[0].study

    delete(study)

    for file in (*first, *second):
        for place in ([study], [study, file.series], [study, file.series, file.instance]):
            for ask in (locate.instances, delete):
                with pytest.raises(Deleted):
                    ask(*place)
    with pytest.raises(NotStored) as never:
        locate.instances(study, first[0].series, "1.2.3")
    assert not isinstance(never.value, Deleted)


@pytest.mark.parametrize(
    ("place", "error"),
    [
        (lambda file: ["1.2"], StudyNotFound),
        (lambda file: ["1.2", file.series], StudyNotFound),
        (lambda file: [file.study, "1.2"], SeriesNotFound),
        (lambda file: [file.study, "1.2", file.instance], SeriesNotFound),
        (lambda file: [file.study, file.series, "1.2"], InstanceNotFound),
    ],
)
def test_OTH_08_what_is_not_there_is_not_found_and_nothing_changes(place, error):
    file = stored()

    with pytest.raises(error):
        delete(*place(file))

    assert not Tombstone.objects.exists()
    assert_rows_and_blobs_agree()


@pytest.mark.parametrize("depth", [1, 2, 3], ids=["study", "series", "instance"])
def test_what_was_deleted_may_be_stored_again_and_is_there_again(depth):
    (files,) = stored_study([2])
    file, other = files
    delete(*[file.study, file.series, file.instance][:depth])
    if depth == 3:
        delete(other.study, other.series, other.instance)

    stored_file(file.content)

    for place in ([file.study], [file.study, file.series], [file.study, file.series, file.instance]):
        assert [found.instance for found in locate.instances(*place)] == [file.instance]
    with pytest.raises(Deleted):
        locate.instances(other.study, other.series, other.instance)
    assert_rows_and_blobs_agree()


def test_an_instance_may_be_stored_elsewhere_after_its_deletion():
    file = stored()
    delete(file.study)

    moved = stored(SOPInstanceUID=file.instance)

    assert locate.instances(moved.study)[0].instance == file.instance
    with pytest.raises(Deleted):
        locate.instances(file.study, file.series, file.instance)


# -- failures --------------------------------------------------------------------


def test_a_blob_that_cannot_be_removed_is_logged_and_the_others_go(monkeypatch, caplog):
    (files,) = stored_study([3])
    stuck = Instance.objects.get(sop_instance_uid=files[0].instance).blob_key
    remove = blobs().delete

    def sometimes(key: str) -> None:
        if key == stuck:
            raise StorageUnavailable("the disk is away")
        remove(key)

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(blobs(), "delete", sometimes)
        delete(files[0].study)

    assert not Study.objects.exists()
    assert [blob.key for blob in blobs().listing()] == [stuck]
    assert stuck in caplog.text


def test_when_the_transaction_fails_everything_is_as_it_was(monkeypatch):
    (files,) = stored_study([2])

    def fail(*arguments: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(delete_module, "_delete_study", fail)
        with pytest.raises(RuntimeError):
            delete(files[0].study)

    assert len(locate.instances(files[0].study)) == 2
    assert not Tombstone.objects.exists()
    assert_rows_and_blobs_agree()


# -- at the same time ------------------------------------------------------------


def test_what_is_found_before_and_read_after_the_deletion_is_said_to_be_deleted():
    file = stored()
    (found,) = locate.instances(file.study)
    delete(file.study)

    for read in (
        lambda: locate.frames(found),
        lambda: locate.bulk_value(found, "7FE00010"),
        lambda: list(metadata.in_order([found])),
    ):
        with pytest.raises(Deleted):
            read()
    with pytest.raises(BlobMissing):
        content.whole(found)


def test_an_object_that_is_being_read_is_read_to_its_end():
    file = stored(PixelData=bytes(4 << 20), Rows=2048, Columns=1024)
    pieces = content.whole(locate.instances(file.study)[0])
    read = next(pieces)

    delete(file.study)

    assert read + b"".join(pieces) == file.content


def at_once(*works: Callable[[], object]) -> list[object]:
    """What these give, or the `NotStored` they raise, each in a thread of its own."""
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            ready.wait(10)
            return work()
        except NotStored as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.parametrize("attempt", range(4))
def test_a_store_into_a_study_that_is_being_deleted_comes_before_or_after(attempt):
    study = generate_uid()
    stored(StudyInstanceUID=study)
    files = [part10(instance(StudyInstanceUID=study, Modality="MR")) for _ in range(4)]

    outcomes, _ = at_once(lambda: store(*files), lambda: delete(study))

    assert all(isinstance(outcome, Stored) and outcome.created for outcome in outcomes)
    assert Instance.objects.count() in {0, 4}
    assert_rows_and_blobs_agree()


@pytest.mark.parametrize("attempt", range(4))
def test_a_new_study_of_a_patient_whose_last_one_is_being_deleted_is_stored(attempt):
    gone = stored(PatientID="ID-7")
    files = [part10(instance(PatientID="ID-7")) for _ in range(3)]

    at_once(*[lambda file=file: store(file) for file in files], lambda: delete(gone.study))

    assert Study.objects.count() == 3
    assert Patient.objects.count() == 1
    assert_rows_and_blobs_agree()


def test_one_of_those_who_delete_the_same_at_once_did_it():
    (files,) = stored_study([5])

    outcomes = at_once(*[lambda: delete(files[0].study)] * 4)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Deleted", "Deleted", "Deleted", "NoneType"]
    assert_rows_and_blobs_agree()


def test_the_instances_of_a_study_deleted_one_by_one_at_once_leave_nothing():
    files = [file for series in stored_study([3, 3]) for file in series]

    at_once(*[lambda file=file: delete(file.study, file.series, file.instance) for file in files])

    assert not Study.objects.exists()
    assert not Patient.objects.exists()
    assert_rows_and_blobs_agree()
