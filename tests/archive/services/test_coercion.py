"""Instances that contradict their stored study, by ARCHIVE_ON_CONFLICT (STOW-85)."""

from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.uid import generate_uid

from archive.models import Instance, Patient
from archive.services.outcomes import FailureReason, Refused, Stored, WarningReason
from archive.services.spool import Spool
from archive.services.store import StoreBatch
from archive.storage import blobs
from tests.builders import instance, part10
from tests.storing import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def coercing(settings: Any) -> None:
    settings.ARCHIVE_ON_CONFLICT = "coerce"


def of_one_study(*datasets: dict[str, Any]) -> list[bytes]:
    study = generate_uid()
    return [part10(instance(StudyInstanceUID=study, **elements)) for elements in datasets]


def stored_dataset(outcome: Any) -> Dataset:
    row = Instance.objects.get(sop_instance_uid=outcome.identity.instance)
    return dcmread(DicomBytesIO(b"".join(blobs().read(row.blob_key))))


def test_STOW_85_contradictions_are_kept_by_default():
    first, second = of_one_study({"PatientID": "A"}, {"PatientID": "B"})

    outcomes = store(first) + store(second)

    assert all(isinstance(outcome, Stored) and outcome.warning is None for outcome in outcomes)
    assert stored_dataset(outcomes[1]).PatientID == "B"


@pytest.mark.parametrize("at_once", [False, True])
def test_STOW_76_STOW_85_contradictions_are_replaced_and_told(coercing, at_once):
    first, second = of_one_study(
        {"PatientID": "A", "PatientName": "Doe^Jane", "StudyDate": "20240131", "AccessionNumber": "1"},
        {"PatientID": "B", "PatientName": "Doe^Jane", "StudyDate": "20240201", "AccessionNumber": "1"},
    )

    outcome = store(first, second)[1] if at_once else (store(first) + store(second))[1]

    assert isinstance(outcome, Stored)
    assert outcome.warning == WarningReason.COERCION_OF_DATA_ELEMENTS
    assert outcome.explanation.endswith(": 00080020, 00100020.")
    assert outcome.original_attributes is not None
    (previous,) = outcome.original_attributes["04000550"]["Value"]
    assert previous == {"00080020": {"vr": "DA", "Value": ["20240201"]}, "00100020": {"vr": "LO", "Value": ["B"]}}
    dataset = stored_dataset(outcome)
    assert (dataset.PatientID, dataset.StudyDate) == ("A", "20240131")
    assert dataset.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientID == "B"
    assert list(Patient.objects.values_list("patient_id", flat=True)) == ["A"]


def test_what_says_the_same_or_nothing_is_stored_as_it_is(coercing):
    first, second, third = of_one_study(
        {"StudyDescription": "Chest", "TimezoneOffsetFromUTC": "+0100"},
        {"StudyDescription": None, "PatientID": "", "PatientName": "Doe^Jane ", "TimezoneOffsetFromUTC": "+0200"},
        {"PatientSex": "F", "StudyDescription": "Chest"},
    )

    for content in (first, second, third):
        (outcome,) = store(content)
        assert isinstance(outcome, Stored)
        assert outcome.warning is None
        row = Instance.objects.get(sop_instance_uid=outcome.identity.instance)
        assert b"".join(blobs().read(row.blob_key)) == content
        assert row.received_sha256 == ""


@pytest.mark.parametrize("at_once", [False, True])
def test_STOW_80_what_was_coerced_is_recognised_when_it_comes_again_in_either_form(coercing, at_once):
    first, second = of_one_study({"PatientID": "A"}, {"PatientID": "B"})
    store(first)

    outcomes = store(second, second) if at_once else store(second) + store(second)

    assert [getattr(outcome, "created", None) for outcome in outcomes] == [True, False]
    assert [getattr(outcome, "warning", None) for outcome in outcomes] == [0xB000, 0xB000]
    row = Instance.objects.get(sop_instance_uid=outcomes[0].identity.instance)
    (retrieved,) = store(b"".join(blobs().read(row.blob_key)))
    assert retrieved == Stored(outcomes[0].identity, created=False)
    assert len(list(blobs().listing())) == 2


def test_other_content_is_still_other_content(coercing):
    study, uid, series = generate_uid(), generate_uid(), generate_uid()
    uids = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
    store(part10(instance(**uids, PatientID="A")))
    store(part10(instance(**uids, SOPInstanceUID=uid, PatientID="B")))

    (outcome,) = store(part10(instance(**uids, SOPInstanceUID=uid, PatientID="C")))

    assert isinstance(outcome, Refused)
    assert outcome.reason == FailureReason.DUPLICATE_SOP_INSTANCE


def test_what_replaces_an_instance_is_coerced_too(coercing, settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    study, uid, series = generate_uid(), generate_uid(), generate_uid()
    uids = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
    store(part10(instance(**uids, PatientID="A")))
    store(part10(instance(**uids, SOPInstanceUID=uid, PatientID="B")))

    (outcome,) = store(part10(instance(**uids, SOPInstanceUID=uid, PatientID="C")))

    dataset = stored_dataset(outcome)
    assert dataset.PatientID == "A"
    assert dataset.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientID == "C"
    (repeated,) = store(part10(instance(**uids, SOPInstanceUID=uid, PatientID="C")))
    assert isinstance(repeated, Stored)
    assert len(list(blobs().listing())) == 2


def test_what_cannot_be_coerced_is_refused(coercing, settings):
    first, second = of_one_study(
        {"PatientName": "山田^太郎", "SpecificCharacterSet": "ISO_IR 192"},
        {"PatientName": "Müller", "SpecificCharacterSet": "ISO_IR 100"},
    )
    store(first)

    (outcome,) = store(second)

    assert isinstance(outcome, Refused)
    assert outcome.reason == FailureReason.PROCESSING_FAILURE
    assert Instance.objects.count() == 1
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


def test_large_objects_are_coerced_through_files_that_go_away(coercing, settings):
    settings.ARCHIVE_SPOOL_SIZE = 100
    first, second = of_one_study({"PatientID": "A"}, {"PatientID": "B"})
    store(first)

    (outcome,) = store(second)

    assert stored_dataset(outcome).PatientID == "A"
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


def test_a_request_that_is_given_up_leaves_no_coerced_object(coercing, settings):
    settings.ARCHIVE_SPOOL_SIZE = 100
    first, second = of_one_study({"PatientID": "A"}, {"PatientID": "B"})
    store(first)
    batch = StoreBatch()
    spool = Spool()
    spool.write(second)
    batch.add(spool)

    batch.abandon()

    assert Instance.objects.count() == len(list(blobs().listing())) == 1
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []
