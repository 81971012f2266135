"""Stored instances without what identifies the patient: OTH-15."""

from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from archive.dicom.confidentiality.deidentification import CannotDeidentify
from archive.selectors import deidentified, locate
from tests.builders import instance
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


def test_what_cannot_be_read_to_its_pixel_data_is_not_given(monkeypatch):
    file = stored()
    monkeypatch.setattr(deidentified.content, "whole", lambda found: iter([file.content[:300]]))

    with pytest.raises(CannotDeidentify):
        given(file, ExplicitVRLittleEndian)
