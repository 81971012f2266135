"""De-identified zip archives: readable by anybody, with nothing of the patient in any name, date or directory."""

import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian, JPEGLSLossless, generate_uid

from archive.deidentified_zip import deidentified_zip
from archive.errors import Deleted, NothingDeidentified, NothingToDownload, StudyNotFound
from archive.models import Instance
from archive.selectors import deidentified, locate
from archive.services import spool
from archive.storage import BlobMissing, blobs
from tests import builders
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

IDENTITY = {
    "PatientName": "Zebra^Unique",
    "PatientID": "ZEBRA-1",
    "StudyDate": "20251112",
    "StudyDescription": "Zebra's knee",
    "AccessionNumber": "ZEBRA-ACC",
    "StudyID": "ZEBRA-ST",
    "SeriesDescription": "Zebra's series",
}


def archive(*files: StoredFile) -> zipfile.ZipFile:
    content = b"".join(deidentified_zip([(file.study, None) for file in files]))
    opened = zipfile.ZipFile(io.BytesIO(content))
    assert opened.testzip() is None
    return opened


def objects(opened: zipfile.ZipFile) -> list[str]:
    return [name for name in opened.namelist() if name.startswith("DICOM/")]


@pytest.fixture
def study() -> list[StoredFile]:
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    jpeg = builders.compressed(JPEGLSLossless, **uids, **IDENTITY, InstanceNumber=3)
    return [
        stored(**uids, **IDENTITY, InstanceNumber=1),
        stored(**uids, **IDENTITY, InstanceNumber=2, transfer_syntax=ImplicitVRLittleEndian),
        stored(jpeg, transfer_syntax=JPEGLSLossless),
    ]


def test_nothing_in_it_says_who_the_patient_is(study):
    opened = archive(study[0])
    members = {name: opened.read(name) for name in opened.namelist()}
    private = [
        b"ZEBRA",
        b"20251112",
        *(uid.encode() for file in study for uid in (file.study, file.series, file.instance)),
    ]

    assert len(objects(opened)) == 3
    for name, content in members.items():
        assert not [secret for secret in private if secret in content.upper() or secret in name.encode()], name
    assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_objects_belong_together_as_they_did(study):
    opened = archive(study[0])
    found = [dcmread(io.BytesIO(opened.read(name))) for name in objects(opened)]

    assert {one.StudyInstanceUID for one in found} == {deidentified.replacement(study[0].study)}
    assert {one.SeriesInstanceUID for one in found} == {deidentified.replacement(study[0].series)}
    assert [one.SOPInstanceUID for one in found] == [deidentified.replacement(file.instance) for file in study]
    assert [one.InstanceNumber for one in found] == [1, 2, 3]
    assert found[0].PatientIdentityRemoved == "YES"
    assert found[2].file_meta.TransferSyntaxUID == JPEGLSLossless
    assert found[0].PixelData == dcmread(io.BytesIO(study[0].content)).PixelData


def test_its_directory_refers_to_what_is_in_it(study, tmp_path):
    opened = archive(study[0])
    directory = dcmread(io.BytesIO(opened.read("DICOMDIR")))
    records = directory.DirectoryRecordSequence

    patient = next(one for one in records if one.DirectoryRecordType == "PATIENT")
    assert patient.PatientID == dcmread(io.BytesIO(opened.read(objects(opened)[0]))).PatientID
    for record in (one for one in records if one.DirectoryRecordType == "IMAGE"):
        file = dcmread(io.BytesIO(opened.read("/".join(record.ReferencedFileID))))
        assert file.SOPInstanceUID == record.ReferencedSOPInstanceUIDInFile
        assert file.file_meta.TransferSyntaxUID == record.ReferencedTransferSyntaxUIDInFile


def test_other_programs_open_it(study, tmp_path):
    path = tmp_path / "deidentified.zip"
    path.write_bytes(b"".join(deidentified_zip([(study[0].study, None)])))

    unpacked = subprocess.run(
        ["unzip", "-q", str(path), "-d", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert (unpacked.returncode, unpacked.stderr) == (0, "")
    assert (tmp_path / "DICOMDIR").stat().st_size
    for file in (tmp_path / "DICOM").rglob("IM*"):
        subprocess.run(["dcmftest", str(file)], check=True, capture_output=True)


def test_what_cannot_be_deidentified_is_left_out_and_said(study):
    refused = stored(
        StudyInstanceUID=study[0].study, SeriesInstanceUID=study[0].series, InstanceNumber=2, BurnedInAnnotation="YES"
    )
    opened = archive(study[0])

    assert objects(opened) == [f"DICOM/ST000001/SE000001/IM00000{number}" for number in (1, 2, 4)]
    readme = opened.read("README.TXT").decode()
    assert re.search(r"IM000003  The pixel data identify the patient", readme)
    assert refused.instance not in readme
    assert deidentified.replacement(refused.instance).encode() not in opened.read("DICOMDIR")


def test_when_everything_would_be_left_out_there_is_none():
    file = stored(BurnedInAnnotation="YES")

    with pytest.raises(NothingDeidentified, match="The pixel data identify"):
        deidentified_zip([(file.study, None)])


def test_what_is_not_there_has_no_archive():
    with pytest.raises(StudyNotFound):
        deidentified_zip([("1.2.3", None)])
    with pytest.raises(NothingToDownload):
        deidentified_zip([])


def test_an_object_that_is_lost_breaks_it_off(study):
    blobs().delete(Instance.objects.get(sop_instance_uid=study[2].instance).blob_key)
    chunks = deidentified_zip([(study[0].study, None)])

    with pytest.raises(BlobMissing):
        b"".join(chunks)


def test_an_object_that_is_deleted_meanwhile_breaks_it_off(study):
    chunks = deidentified_zip([(study[0].study, None)])
    next(chunks)
    Instance.objects.filter(sop_instance_uid=study[2].instance).delete()

    with pytest.raises(Deleted):
        b"".join(chunks)


def test_no_object_is_held_whole_and_nothing_is_left_behind(study, settings):
    settings.ARCHIVE_SPOOL_SIZE = 10
    assert len(objects(archive(study[0]))) == 3
    assert not _left()

    chunks = deidentified_zip([(study[0].study, None)])
    next(chunks)
    assert _left()
    chunks.close()
    assert not _left()


def _left() -> list[Path]:
    return list(spool.incoming().iterdir())


def test_reports_have_no_names_in_the_directory():
    """Keys of their records come out of metadata."""
    report = stored(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11",
        Modality="SR",
        PixelData=None,
        Rows=None,
        Columns=None,
        ContentDate="20251112",
        ContentTime="101112",
        VerificationFlag="VERIFIED",
        CompletionFlag="COMPLETE",
        VerificationDateTime="20251112101112",
        **IDENTITY,
    )
    (found,) = locate.instances(report.study)

    records = dcmread(io.BytesIO(archive(report).read("DICOMDIR"))).DirectoryRecordSequence

    record = next(one for one in records if one.DirectoryRecordType == "SR DOCUMENT")
    assert (record.VerificationFlag, record.CompletionFlag) == ("VERIFIED", "COMPLETE")
    assert not record.ContentDate
    assert not record.get("VerificationDateTime")
    assert record.ReferencedSOPInstanceUIDInFile == deidentified.replacement(found.instance)
