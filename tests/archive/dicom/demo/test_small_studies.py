"""Small studies: any number, each the same whatever others there are."""

from datetime import date
from io import BytesIO

from pydicom import dcmread

from archive.dicom.demo.identifiers import is_demo
from archive.dicom.demo.small_studies import SmallStudy, small_studies

TODAY = date(2026, 11, 25)


def data_sets(count: int):
    return [dcmread(BytesIO(study.file())) for study in small_studies(count, TODAY)]


def test_they_are_small_and_the_same_again():
    files = [study.file() for study in small_studies(20, TODAY)]

    assert max(map(len, files)) < 3000
    assert [SmallStudy(number, TODAY).file() for number in range(1, 21)] == files


def test_each_is_a_study_of_its_own_and_some_are_of_one_patient():
    found = data_sets(60)

    assert len({data_set.StudyInstanceUID for data_set in found}) == 60
    assert len({data_set.SOPInstanceUID for data_set in found}) == 60
    assert all(is_demo(data_set.StudyInstanceUID) for data_set in found)
    assert 10 < len({data_set.PatientID for data_set in found}) < 40


def test_a_patient_is_the_same_person_in_every_study():
    people = {}
    for data_set in data_sets(60):
        person = str(data_set.PatientName), data_set.PatientBirthDate, data_set.PatientSex
        people.setdefault(data_set.PatientID, set()).add(person)

    assert all(len(persons) == 1 for persons in people.values())


def test_they_are_not_of_the_future_nor_of_before_two_years():
    dates = [date.fromisoformat(data_set.StudyDate) for data_set in data_sets(100)]

    assert max(dates) <= TODAY
    assert (TODAY - min(dates)).days < 730
    assert len(set(dates)) > 50
