"""File Meta Information as others read it."""

from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, JPEGBaseline8Bit

from archive.dicom.reading.part10 import parse
from archive.dicom.uids import is_uid
from archive.dicom.writing import file_meta
from tests.archive.dicom.raw import element

UIDS = {"sop_class_uid": CTImageStorage, "sop_instance_uid": "1.2.3"}


@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, JPEGBaseline8Bit, "1.2.3.4", "1.2.34"])
def test_what_is_written_is_read_by_pydicom(transfer_syntax: str) -> None:
    written = file_meta.file_meta(**UIDS, transfer_syntax_uid=transfer_syntax)

    meta = dcmread(BytesIO(written)).file_meta

    assert meta.FileMetaInformationGroupLength == len(written) - 132 - 12
    assert meta.FileMetaInformationVersion == b"\x00\x01"
    assert meta.MediaStorageSOPClassUID == CTImageStorage
    assert meta.MediaStorageSOPInstanceUID == "1.2.3"
    assert meta.TransferSyntaxUID == UID(transfer_syntax)
    assert meta.ImplementationClassUID == file_meta.IMPLEMENTATION_CLASS_UID
    assert meta.ImplementationVersionName == file_meta.IMPLEMENTATION_VERSION_NAME


def test_it_is_read_by_the_archive_with_the_data_set_that_follows() -> None:
    meta = file_meta.file_meta(**UIDS, transfer_syntax_uid=ExplicitVRLittleEndian)

    parsed = parse(BytesIO(meta + element(0x00080018, "UI", b"1.2.3\0")))

    assert (parsed.transfer_syntax_uid, parsed.sop_instance_uid) == (ExplicitVRLittleEndian, "1.2.3")


def test_the_names_of_this_archive_are_legal() -> None:
    assert is_uid(file_meta.IMPLEMENTATION_CLASS_UID)
    assert len(file_meta.IMPLEMENTATION_VERSION_NAME) <= 16
