"""What becomes of instances that are to be stored: outcomes, rows, counts, and blobs that nobody refers to."""

from collections.abc import Sequence

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from archive.models import Instance, InstanceMetadata, Patient, Series, Study
from archive.services.outcomes import FailureReason, Identity, Outcome, Refused, Stored
from archive.storage import StorageFull, blobs
from tests.builders import instance, part10
from tests.storing import store, stored

pytestmark = pytest.mark.django_db


def kinds(outcomes: Sequence[Outcome]) -> list[object]:
    """Each outcome as "new", "known" or its failure reason."""
    return [
        ("new" if outcome.created else "known") if isinstance(outcome, Stored) else outcome.reason
        for outcome in outcomes
    ]


def keys_of_blobs() -> set[str]:
    return {blob.key for blob in list(blobs().listing())}


def assert_each_blob_has_one_row() -> None:
    keys = list(Instance.objects.values_list("blob_key", flat=True))
    assert len(keys) == len(set(keys))
    assert set(keys) == keys_of_blobs()
    assert InstanceMetadata.objects.count() == len(keys)


def test_a_stored_instance_is_there_with_its_bytes_and_columns():
    dataset = instance(
        StudyDescription="Chest", SeriesDescription="Axial", NumberOfFrames=1, TimezoneOffsetFromUTC="+0100"
    )
    file = stored(dataset)

    row = Instance.objects.select_related("series__study__patient").get()
    assert (row.sop_instance_uid, row.sop_class_uid) == (dataset.SOPInstanceUID, dataset.SOPClassUID)
    assert (row.instance_number, row.rows, row.columns, row.bits_allocated, row.number_of_frames) == (1, 8, 8, 16, 1)
    assert row.transfer_syntax_uid == "1.2.840.10008.1.2.1"
    assert row.size == len(file.content)
    assert b"".join(blobs().read(row.blob_key)) == file.content
    assert (row.series.series_instance_uid, row.series.modality) == (dataset.SeriesInstanceUID, "CT")
    assert (row.series.series_number, row.series.series_description) == (1, "Axial")
    study = row.series.study
    assert (study.study_instance_uid, study.study_date, study.study_time) == (file.study, "20240131", "101530")
    assert (study.accession_number, study.study_description) == ("ACC-1", "Chest")
    assert study.timezone_offset_from_utc == "+0100"
    assert (study.patient.patient_id, study.patient.patient_name) == ("ID-1", "Doe^Jane")


def test_counts_and_modalities_of_a_study_are_kept_as_it_grows():
    study = generate_uid()
    for modality, numbers in (("CT", 2), ("SR", 1), ("CT", 3)):
        series = generate_uid()
        for _ in range(numbers):
            stored(StudyInstanceUID=study, SeriesInstanceUID=series, Modality=modality)

    row = Study.objects.get()
    assert row.modalities_in_study == "CT\\SR"
    assert (row.number_of_study_related_series, row.number_of_study_related_instances) == (3, 6)
    assert sorted(Series.objects.values_list("number_of_series_related_instances", flat=True)) == [1, 2, 3]


def test_one_request_may_bring_several_studies_and_series():
    studies = [generate_uid() for _ in range(2)]
    series = {study: [generate_uid(), generate_uid()] for study in studies}
    files = [
        part10(instance(StudyInstanceUID=study, SeriesInstanceUID=series[study][number % 2], InstanceNumber=number))
        for number in range(4)
        for study in studies
    ]

    assert kinds(store(*files)) == ["new"] * 8

    counts = ("number_of_study_related_series", "number_of_study_related_instances")
    assert list(Study.objects.values_list(*counts)) == [(2, 4), (2, 4)]
    assert set(Series.objects.values_list("number_of_series_related_instances", flat=True)) == {2}


def test_a_series_without_modality_leaves_modalities_in_study_empty():
    stored(Modality=None)

    assert Study.objects.get().modalities_in_study == ""


def test_outcomes_come_in_the_order_of_the_parts():
    study = generate_uid()
    mine, other = instance(StudyInstanceUID=study), instance()
    outcomes = store(b"no DICOM", part10(mine), part10(other), part10(mine), study=study)

    assert kinds(outcomes) == [FailureReason.CANNOT_UNDERSTAND, "new", FailureReason.STUDY_MISMATCH, "known"]
    assert [outcome.identity.instance for outcome in outcomes] == [
        "",
        mine.SOPInstanceUID,
        other.SOPInstanceUID,
        mine.SOPInstanceUID,
    ]


# -- patients --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identities", "patients"),
    [
        pytest.param([("A", None), ("A", None)], 1, id="same-ID"),
        pytest.param([("A", None), ("B", None)], 2, id="other-ID"),
        pytest.param([("A", "here"), ("A", "here")], 1, id="same-ID-and-issuer"),
        pytest.param([("A", "here"), ("A", "there")], 2, id="other-issuer"),
        pytest.param([("A", None), ("A", "here")], 2, id="issuer-unknown"),
        pytest.param([(None, None), (None, None)], 2, id="no-ID"),
        pytest.param([("", "here"), ("", "here")], 2, id="empty-ID"),
        pytest.param([("A ", None), (" A", None)], 1, id="padded"),
    ],
)
def test_a_patient_is_who_an_id_within_its_issuer_says(identities, patients):
    for patient_id, issuer in identities:
        stored(PatientID=patient_id, IssuerOfPatientID=issuer)

    assert Study.objects.count() == 2
    assert Patient.objects.count() == patients


def test_the_instances_of_one_study_without_patient_id_have_one_patient():
    study = generate_uid()
    store(*(part10(instance(StudyInstanceUID=study, PatientID=None)) for _ in range(2)))
    stored(StudyInstanceUID=study, PatientID=None)

    assert Patient.objects.count() == 1


# -- refused ---------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID"])
@pytest.mark.parametrize("value", [pytest.param(None, id="missing"), pytest.param("not a UID!", id="no-UID")])
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_an_instance_without_the_uids_that_place_it_is_refused(keyword, value):
    """STOW-32"""
    (outcome,) = store(part10(instance(**{keyword: value})))

    assert isinstance(outcome, Refused)
    assert outcome.reason is FailureReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS
    assert "not a UID!" not in outcome.explanation
    assert keys_of_blobs() == set()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"GIF89a" + bytes(200), id="no-DICOM"),
        pytest.param(part10(instance())[:400], id="cut-off"),
        pytest.param(bytes(128) + b"DICM", id="nothing-but-a-preamble"),
    ],
)
def test_bytes_that_cannot_be_read_are_refused_and_not_kept(content):
    (outcome,) = store(content)

    assert isinstance(outcome, Refused)
    assert outcome.reason is FailureReason.CANNOT_UNDERSTAND
    assert outcome.identity == Identity()
    assert keys_of_blobs() == set()


def test_a_refused_part_does_not_keep_the_others_from_being_stored():
    assert kinds(store(part10(instance()), b"no DICOM", part10(instance()))) == [
        "new",
        FailureReason.CANNOT_UNDERSTAND,
        "new",
    ]
    assert_each_blob_has_one_row()


# -- duplicates ------------------------------------------------------------------


def test_STOW_80_the_same_bytes_again_are_known_and_change_nothing():
    file = stored()
    before = Study.objects.values().get()

    assert kinds(store(file.content)) == ["known"]
    assert Study.objects.values().get() == before
    assert_each_blob_has_one_row()


def twins(**changes: object) -> tuple[Dataset, Dataset]:
    """Two instances of one SOP Instance UID."""
    first = instance(Rows=8)
    uids = {keyword: first[keyword].value for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")}
    return first, instance(**uids | {"Rows": 4, "Columns": 16} | changes)


def test_STOW_81_other_content_is_refused_and_what_is_stored_stays():
    first, second = twins()
    file = stored(first)

    assert kinds(store(part10(second))) == [FailureReason.DUPLICATE_SOP_INSTANCE]
    row = Instance.objects.get()
    assert row.rows == 8
    assert b"".join(blobs().read(row.blob_key)) == file.content
    assert_each_blob_has_one_row()


def test_STOW_81_other_content_takes_its_place_where_the_setting_says_so(settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    first, second = twins()
    stored(first)
    before = Instance.objects.get()

    assert kinds(store(part10(second))) == ["new"]

    row = Instance.objects.select_related("series__study").get()
    assert (row.pk, row.rows) == (before.pk, 4)
    assert row.blob_key != before.blob_key
    assert b"".join(blobs().read(row.blob_key)) == part10(second)
    assert row.series.number_of_series_related_instances == 1
    assert row.series.study.number_of_study_related_instances == 1
    assert_each_blob_has_one_row()


def test_replacing_and_adding_in_one_request_counts_only_what_was_added(settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    first, second = twins()
    stored(first)
    added = instance(StudyInstanceUID=first.StudyInstanceUID, SeriesInstanceUID=first.SeriesInstanceUID)

    assert kinds(store(part10(second), part10(added))) == ["new", "new"]
    assert Study.objects.get().number_of_study_related_instances == 2
    assert_each_blob_has_one_row()


@pytest.mark.parametrize("policy", ["refuse", "replace"])
@pytest.mark.parametrize("elsewhere", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_STOW_82_an_instance_of_another_study_or_series_is_refused_under_either_policy(settings, policy, elsewhere):
    settings.ARCHIVE_ON_DUPLICATE = policy
    first, second = twins(**{elsewhere: generate_uid()})
    stored(first)

    assert kinds(store(part10(second))) == [FailureReason.DUPLICATE_SOP_INSTANCE]
    assert Study.objects.count() == Series.objects.count() == 1
    assert_each_blob_has_one_row()


@pytest.mark.parametrize("policy", ["refuse", "replace"])
def test_STOW_83_twins_in_one_request_are_judged_as_if_they_came_one_after_the_other(settings, policy):
    settings.ARCHIVE_ON_DUPLICATE = policy
    first, second = map(part10, twins())

    assert kinds(store(first, first, second)) == ["new", "known", FailureReason.DUPLICATE_SOP_INSTANCE]
    assert b"".join(blobs().read(Instance.objects.get().blob_key)) == first
    assert Study.objects.get().number_of_study_related_instances == 1
    assert_each_blob_has_one_row()


def test_STOW_83_a_repeated_part_shares_the_fate_of_the_first(monkeypatch):
    def full(*arguments: object) -> None:
        raise StorageFull("no room")

    content = part10(instance())
    with monkeypatch.context() as patched:
        patched.setattr(blobs(), "put", full)
        outcomes = store(content, content)

    assert kinds(outcomes) == [FailureReason.OUT_OF_RESOURCES] * 2
    assert Instance.objects.count() == 0


def test_STOW_83_a_refused_part_does_not_stand_in_the_way_of_a_good_twin():
    study = generate_uid()
    good = instance(StudyInstanceUID=study)
    elsewhere = instance(SOPInstanceUID=good.SOPInstanceUID)

    assert kinds(store(part10(elsewhere), part10(good), study=study)) == [FailureReason.STUDY_MISMATCH, "new"]
