"""Stored instances without what identifies the patient: OTH-15."""

from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from archive.dicom.confidentiality.deidentification import CannotDeidentify
from archive.selectors import deidentified, locate
from tests.builders import compressed, instance
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db


def given(file: StoredFile, target: str) -> Dataset:
    (found,) = locate.instances(file.study, file.series, file.instance)
    return dcmread(BytesIO(b"".join(deidentified.instance(found, target))))


@pytest.mark.parametrize("stored_as", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("target", [ExplicitVRLittleEndian, RLELossless])
def test_an_instance_is_deidentified_in_any_transfer_syntax(stored_as, target):
    dataset = instance(OtherPatientNames="Doe^Jane")

    found = given(stored(dataset, transfer_syntax=stored_as), target)

    assert found.file_meta.TransferSyntaxUID == target
    assert not found.PatientName
    assert "OtherPatientNames" not in found
    assert found.pixel_array.tobytes() == dataset.PixelData


def test_what_was_big_endian_is_deidentified_too():
    assert not given(stored(transfer_syntax=ExplicitVRBigEndian), ExplicitVRLittleEndian).PatientName


def test_the_key_is_the_archives(settings):
    """Another archive, or another secret key, gives other UIDs."""
    file = stored()
    first, again = (given(file, ExplicitVRLittleEndian) for _ in range(2))
    settings.SECRET_KEY = "another"

    assert first.StudyInstanceUID == again.StudyInstanceUID != given(file, ExplicitVRLittleEndian).StudyInstanceUID


@pytest.mark.parametrize(
    ("stored_as", "expected"),
    [
        (ExplicitVRLittleEndian, ExplicitVRLittleEndian),
        (RLELossless, RLELossless),
        (ImplicitVRLittleEndian, ExplicitVRLittleEndian),
        (ExplicitVRBigEndian, ExplicitVRLittleEndian),
        (DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian),
    ],
)
def test_an_instance_keeps_its_transfer_syntax_where_the_profile_can_be_carried_out_on_it(stored_as, expected):
    dataset = compressed(stored_as) if stored_as == RLELossless else instance()

    assert deidentified.given_syntax(stored_as) == expected
    assert not given(stored(dataset, transfer_syntax=stored_as), expected).PatientName


def test_what_nobody_can_read_is_not_given():
    with pytest.raises(CannotDeidentify, match="transfer syntax is not known"):
        deidentified.given_syntax("1.2.840.113619.5.2")


def test_the_uid_that_takes_the_place_of_another_is_that_in_the_object():
    file = stored()

    assert given(file, ExplicitVRLittleEndian).SOPInstanceUID == deidentified.replacement(file.instance)


def test_what_cannot_be_read_to_its_pixel_data_is_not_given(monkeypatch):
    file = stored()
    monkeypatch.setattr(deidentified.content, "whole", lambda found: iter([file.content[:300]]))

    with pytest.raises(CannotDeidentify):
        given(file, ExplicitVRLittleEndian)
