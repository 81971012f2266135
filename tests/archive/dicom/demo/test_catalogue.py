"""The studies of the demo: legal, the same every time, and of all the kinds that it promises."""

from datetime import date
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID

from archive.dicom.demo.catalogue import catalogue, names
from archive.dicom.demo.identifiers import is_demo
from archive.dicom.uids import is_uid

TODAY = date(2026, 11, 25)
COARSE = 16


@cache
def files(name: str) -> list[bytes]:
    (study,) = [one for one in catalogue(TODAY, coarseness=COARSE) if one.name == name]
    return list(study.files())


def data_sets(name: str) -> list[Dataset]:
    return [dcmread(BytesIO(file)) for file in files(name)]


def everything() -> list[Dataset]:
    return [data_set for name in names() for data_set in data_sets(name)]


def referenced(data_set: Dataset) -> list[tuple[str, str]]:
    """Every pair of SOP class and instance that it refers to."""
    return [
        (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID)
        for element in data_set.iterall()
        if element.VR == "SQ"
        for item in element.value
        if "ReferencedSOPInstanceUID" in item
    ]


def test_there_is_one_of_every_kind():
    kinds = {UID(data_set.SOPClassUID).name for data_set in everything()}

    assert kinds == {
        "CT Image Storage",
        "MR Image Storage",
        "Positron Emission Tomography Image Storage",
        "Ultrasound Multi-frame Image Storage",
        "Digital Mammography X-Ray Image Storage - For Presentation",
        "Digital X-Ray Image Storage - For Presentation",
        "Computed Radiography Image Storage",
        "Secondary Capture Image Storage",
        "VL Whole Slide Microscopy Image Storage",
        "Segmentation Storage",
        "RT Structure Set Storage",
        "Comprehensive SR Storage",
        "Key Object Selection Document Storage",
        "Grayscale Softcopy Presentation State Storage",
        "Encapsulated PDF Storage",
        "12-lead ECG Waveform Storage",
    }


def test_there_are_pixels_in_many_transfer_syntaxes():
    syntaxes = {str(data_set.file_meta.TransferSyntaxUID) for data_set in everything() if "PixelData" in data_set}

    assert syntaxes == {
        f"1.2.840.10008.1.2.{suffix}" for suffix in ("1", "4.50", "4.80", "4.90", "4.201", "4.202", "5")
    }


def test_every_uid_is_one_of_the_demo_and_no_instance_has_that_of_another():
    instances = everything()
    uids = [data_set.SOPInstanceUID for data_set in instances]

    assert len(set(uids)) == len(uids)
    for data_set in instances:
        for uid in (data_set.StudyInstanceUID, data_set.SeriesInstanceUID, data_set.SOPInstanceUID):
            assert is_uid(uid)
            assert is_demo(uid)


def test_a_series_has_instances_of_one_class_and_modality_and_of_one_study():
    series: dict[str, set[tuple[str, ...]]] = {}
    for data_set in everything():
        kind = data_set.SOPClassUID, data_set.Modality, data_set.StudyInstanceUID
        series.setdefault(data_set.SeriesInstanceUID, set()).add(kind)

    assert all(len(kinds) == 1 for kinds in series.values())


@pytest.mark.parametrize("name", names())
def test_a_study_is_the_same_again(name):
    (again,) = [one for one in catalogue(TODAY, coarseness=COARSE) if one.name == name]

    assert list(again.files()) == files(name)


def test_on_another_day_the_dates_move_along_and_the_uids_stay():
    (study, later) = (catalogue(day, coarseness=COARSE)[0] for day in (TODAY, date(2026, 12, 25)))

    assert study.study.uid == later.study.uid
    assert (later.study.began - study.study.began).days == 30


def test_what_is_referred_to_is_there():
    there = {(data_set.SOPClassUID, data_set.SOPInstanceUID) for data_set in everything()}
    study = "1.2.840.10008.3.1.2.3.1"  # how structure sets refer to a study

    references = [pair for data_set in everything() for pair in referenced(data_set) if pair[0] != study]

    assert len(references) > 10
    assert set(references) <= there


def test_patients_are_written_in_many_scripts():
    patients = {str(data_set.PatientName) for data_set in everything()}

    assert "Yamada^Tarou=山田^太郎=やまだ^たろう" in patients
    assert {"Müller-Lüdenscheidt^Änne^^Dr.", "Παπαδόπουλος^Γεώργιος", "Иванова^Мария^Сергеевна"} <= patients
    assert max(map(len, patients)) == 64


def test_slices_lie_beside_each_other():
    slices = [data_set for data_set in data_sets("pet-ct") if data_set.Modality == "CT"]
    heights = [float(data_set.ImagePositionPatient[2]) for data_set in slices]

    assert len({data_set.FrameOfReferenceUID for data_set in data_sets("pet-ct")}) == 1
    assert np.allclose(np.diff(heights), float(slices[0].SliceThickness), atol=1e-3)


def test_values_of_a_ct_are_hounsfield_units():
    image = next(one for one in data_sets("pet-ct") if (one.Modality, one.InstanceNumber) == ("CT", 2))
    values = image.pixel_array.astype(int) + int(image.RescaleIntercept)

    assert np.percentile(values, 5) == pytest.approx(-1000, abs=30)
    assert (np.abs(values + 865) < 80).sum() > 5, "lung"
    assert (np.abs(values - 50) < 60).sum() > 5, "muscle"
    assert values.max() > 200, "bone"


def test_what_takes_up_most_of_the_tracer_has_that_as_suv():
    emission = [one for one in data_sets("pet-ct") if one.Modality == "PT"]
    isotope = emission[0].RadiopharmaceuticalInformationSequence[0]
    hour, minute = (int(isotope.RadiopharmaceuticalStartTime[at : at + 2]) for at in (0, 2))
    began = emission[0].SeriesTime
    seconds = (int(began[:2]) - hour) * 3600 + (int(began[2:4]) - minute) * 60
    dose = isotope.RadionuclideTotalDose * 0.5 ** (seconds / isotope.RadionuclideHalfLife)

    highest = max(one.pixel_array.max() * one.RescaleSlope for one in emission)

    assert 2 < highest * emission[0].PatientWeight * 1000 / dose < 14
