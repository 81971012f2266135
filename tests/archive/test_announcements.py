"""What the archive says of studies that have arrived."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, generate_uid

from archive.announcements import MalformedFilter, arrived_studies, read_filter
from archive.models import Study
from archive.services.delete import delete
from tests import builders
from tests.storing import StoredFile, store, stored

pytestmark = pytest.mark.django_db

NOW = timezone.now()
MINUTE = timedelta(minutes=1)
#: The tests may have been collected long before they run.
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _delete_at_once(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        yield


def arrived(since=-5, until=5, wanted="", but=lambda uids: ()) -> list[str]:
    """The UIDs of studies whose last instance came between so many minutes from now."""
    studies = arrived_studies(NOW + since * MINUTE, NOW + until * MINUTE, read_filter(wanted), but=but)
    return [study.study_instance_uid for study in studies]


def at(minutes: int, file: StoredFile) -> str:
    """The study of the file, whose last instance came so many minutes from now."""
    Study.objects.filter(study_instance_uid=file.study).update(last_instance_at=NOW + minutes * MINUTE)
    return file.study


# -- when ------------------------------------------------------------------------


def test_studies_are_told_by_the_time_of_their_last_instance_earliest_first():
    late, early = at(-1, stored()), at(-3, stored())
    at(-10, stored())
    at(0, stored())

    assert arrived(-3, 0) == [early, late]


def test_an_instance_that_is_added_makes_the_study_arrive_again():
    first = stored()
    at(-60, first)
    assert arrived() == []

    stored(StudyInstanceUID=first.study)

    assert arrived() == [first.study]


def test_an_instance_that_is_replaced_makes_the_study_arrive_again(settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    first = stored()
    at(-60, first)

    same = {"StudyInstanceUID": first.study, "SeriesInstanceUID": first.series, "SOPInstanceUID": first.instance}
    stored(**same, InstanceNumber=2)

    assert arrived() == [first.study]


def test_an_instance_that_is_sent_again_changes_nothing():
    first = stored()
    at(-60, first)

    store(first.content)

    assert arrived() == []


def test_an_instance_that_is_deleted_is_no_arrival():
    first = stored()
    second = stored(StudyInstanceUID=first.study)
    at(-60, first)

    delete(second.study, second.series, second.instance)

    assert arrived() == []


def test_studies_that_need_not_be_told_are_left_out():
    first, second = stored(), stored()

    assert arrived(but={first.study}.intersection) == [second.study]


# -- which -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", True),
        ("ModalitiesInStudy=CT", True),
        ("ModalitiesInStudy=SR&Modality=CT&StudyDescription=*CHEST*", True),
        ("Modality=CT&BodyPartExamined=CHEST", True),  # which no column has
        ("PatientName=doe^jane&StudyDate=20240101-20240201", True),
        ("00100020=ID-1", True),
        ("RequestAttributesSequence.RequestedProcedureID=RP1", True),
        ("ModalitiesInStudy=MR", False),
        ("Modality=SR&BodyPartExamined=CHEST", False),  # both, but of different series
        ("StudyDescription=CHEST", False),
    ],
)
def test_a_study_is_told_if_a_series_of_it_would_be_found(wanted, found):
    request = Dataset()
    request.RequestedProcedureID = "RP1"
    study = {"StudyInstanceUID": generate_uid(), "StudyDescription": "CT CHEST W/O"}
    stored(**study, Modality="SR")
    stored(**study, BodyPartExamined="CHEST", RequestAttributesSequence=[request])
    stored(StudyDescription="KNEE", PatientName="Roe", PatientID="ID-2", Modality="DX")

    assert arrived(wanted=wanted)[:1] == ([study["StudyInstanceUID"]] if found else [])
    assert len(arrived(wanted=wanted)) == (2 if not wanted else int(found))


def test_more_studies_than_are_looked_at_together_are_all_told(monkeypatch):
    monkeypatch.setattr("archive.announcements.BATCH", 2)
    studies = [at(-minutes, stored()) for minutes in range(4, -1, -1)]

    assert arrived(-5, 1, "Modality=CT&BodyPartExamined=*") == studies


@pytest.mark.parametrize(
    "wanted",
    [
        *("StudyDate=yesterday", "StudyDate=20240201-20240101", "Modalities=CT", "0009=X", "limit=1"),
        *("SOPClassUID=1.2", "ImageType=AXIAL", "PixelData=AAAA", "RetrieveURL=http://x", "Modality=%FF"),
    ],
)
def test_a_filter_that_chooses_no_studies_is_refused_without_repeating_its_values(wanted):
    with pytest.raises(MalformedFilter) as refusal:
        read_filter(wanted)
    assert wanted.partition("=")[2] not in str(refusal.value)


# -- what ------------------------------------------------------------------------


def test_a_study_comes_with_what_is_known_of_it_and_its_patient():
    stored(StudyDescription="CHEST", IssuerOfPatientID="HOSPITAL", AdmissionID="V1", SliceThickness="1")

    (study,) = arrived_studies(NOW - MINUTE, NOW + HOUR, read_filter(""))

    values = {tag: element.get("Value") for tag, element in study.attributes().items()}
    assert values["00100010"] == [{"Alphabetic": "Doe^Jane"}]
    assert values["00100021"] == ["HOSPITAL"]
    assert values["00080061"] == ["CT"]
    assert values["00380010"] == ["V1"]
    assert "00180050" not in values, "of an instance"

    delete(study.study_instance_uid)
    assert (study.attributes(), list(study.series())) == ({}, [])


def test_a_study_comes_with_its_series_and_their_instances_in_order():
    request = Dataset()
    request.RequestedProcedureID, request.RequestedProcedureDescription = "RP1", "CT of the chest"
    study, series, other = generate_uid(), generate_uid(), generate_uid()
    second = stored(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=2)
    first = stored(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=1)
    stored(StudyInstanceUID=study, SeriesInstanceUID=other, SeriesNumber=0, RequestAttributesSequence=[request])

    (found,) = arrived_studies(NOW - MINUTE, NOW + HOUR, read_filter(""))
    requested, images = found.series()

    assert [requested.series_instance_uid, images.series_instance_uid] == [other, series]
    assert images.instances == [(CTImageStorage, first.instance), (CTImageStorage, second.instance)]
    (item,) = requested.attributes["00400275"]["Value"]
    assert item["00321060"]["Value"] == ["CT of the chest"]


def test_one_request_with_several_studies_makes_each_arrive():
    files = [builders.part10(builders.instance()) for _ in range(3)]
    store(*files)

    assert len(arrived()) == 3
