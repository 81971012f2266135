"""Downloads: what is in the archives, and what their DICOMDIR says of it."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.fileset import FileSet
from pydicom.uid import (
    EncapsulatedPDFStorage,
    EnhancedSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
    TwelveLeadECGWaveformStorage,
    generate_uid,
)

from archive.errors import NothingToDownload, SeriesNotFound, StudyNotFound, TooManyInstances
from archive.models import InstanceMetadata
from archive.selectors import zip_download
from archive.selectors.zip_download import zip_archive
from tests.builders import instance, part10
from tests.storing import stored, stored_file, stored_study

pytestmark = pytest.mark.django_db

NO_PIXELS = {"Rows": None, "Columns": None, "PixelData": None}


def downloaded(*places: tuple[str, str | None]) -> bytes:
    return b"".join(zip_archive(places).read())


def opened(*places: tuple[str, str | None]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(downloaded(*places)))


def run(tool: str, *arguments: str) -> None:
    path = shutil.which(tool)
    assert path, f"{tool} is not installed: this test needs the packages dcmtk and unzip"
    subprocess.run([path, *arguments], check=True, capture_output=True)


@pytest.fixture
def file_set(tmp_path: Path) -> Iterator[Callable[..., FileSet]]:
    """Makes the file-set of a download, as pydicom reads it, in the folder of the test."""
    file_sets = []

    def read(*places: tuple[str, str | None]) -> FileSet:
        with opened(*places) as archive:
            archive.extractall(tmp_path)
        file_sets.append(FileSet(tmp_path / "DICOMDIR"))
        return file_sets[-1]

    yield read
    for found in file_sets:
        found._stage["t"].cleanup()  # its folder for changes, which pydicom leaves to the garbage collector


def test_every_object_is_in_it_as_it_was_received():
    series = stored_study([2, 1])
    with opened((series[0][0].study, None)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "DICOM/ST000001/SE000001/IM000001",
            "DICOM/ST000001/SE000001/IM000002",
            "DICOM/ST000001/SE000002/IM000001",
            "DICOMDIR",
            "README.TXT",
        ]
        contents = [archive.read(name) for name in archive.namelist()[:3]]
        assert contents == [file.content for one in series for file in one]
        assert archive.infolist()[0].date_time == (2024, 1, 31, 10, 15, 30)
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED


def test_unzip_takes_it(tmp_path):
    path = tmp_path / "study.zip"
    path.write_bytes(downloaded((stored().study, None)))
    run("unzip", "-tq", str(path))


def test_the_directory_lists_every_file(file_set):
    first, second = stored_study([2, 2]), stored_study([1])
    places = [(first[0][0].study, None), (second[0][0].study, None)]
    found = {item.SOPInstanceUID: Path(item.path).read_bytes() for item in file_set(*places)}
    assert found == {file.instance: file.content for series in (*first, *second) for file in series}


def test_dcmtk_can_add_to_the_directory_which_takes_every_offset_being_right(file_set, tmp_path):
    file_set((stored_study([2, 2])[0][0].study, None))
    (tmp_path / "NEW").write_bytes(part10(instance(PatientName="New", PatientID="NEW", StudyID="1")))
    run("dcmmkdir", "+A", "+D", str(tmp_path / "DICOMDIR"), "+id", str(tmp_path), "NEW")
    assert len(dcmread(tmp_path / "DICOMDIR").DirectoryRecordSequence) == 1 + 1 + 2 + 4 + 4


def test_a_series_is_downloaded_without_the_others():
    first, second = stored_study([2, 1])
    with opened((first[0].study, second[0].series)) as archive:
        assert archive.read("DICOM/ST000001/SE000001/IM000001") == second[0].content
        assert len(archive.namelist()) == 3


def test_the_same_objects_make_the_same_archive_and_others_another():
    study = generate_uid()
    stored(StudyInstanceUID=study)
    before, again = zip_archive([(study, None)]), zip_archive([(study, None)])
    assert before.tag == again.tag
    assert b"".join(before.read()) == b"".join(again.read())
    stored(StudyInstanceUID=study)
    assert zip_archive([(study, None)]).tag != before.tag


def test_studies_of_a_patient_are_together_whatever_the_order(file_set):
    one, other, third = stored(PatientID="A"), stored(PatientID="B"), stored(PatientID="A")
    found = file_set(*((file.study, None) for file in (one, other, third)))
    assert [item.SOPInstanceUID for item in found] == [one.instance, third.instance, other.instance]
    assert found.find_values("PatientID") == ["A", "B"]


def test_a_study_that_is_named_twice_is_in_it_once():
    file = stored()
    assert downloaded((file.study, None), (file.study, None)) == downloaded((file.study, None))


def test_the_directory_says_what_the_objects_say(file_set):
    file = stored(
        SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg", StudyID="S7", StudyDescription="Schädel",
        SeriesNumber=3, InstanceNumber=9,
    )  # fmt: skip
    (image,) = file_set((file.study, None))
    assert (image.PatientName, image.PatientID) == ("Müller^Jörg", "ID-1")
    assert (image.StudyDate, image.StudyTime, image.StudyID) == ("20240131", "101530", "S7")
    assert (image.StudyDescription, image.AccessionNumber) == ("Schädel", "ACC-1")
    assert (image.Modality, image.SeriesNumber, image.InstanceNumber) == ("CT", 3, 9)


def test_what_identifies_and_is_left_out_is_filled_in_and_nothing_else(file_set):
    nobody = {"PatientID": None, "PatientName": None, "StudyDate": None, "StudyTime": None, "Modality": None}
    one, other = (stored(**nobody, SeriesNumber=None, InstanceNumber=None) for _ in range(2))
    first, second = file_set((one.study, None), (other.study, None))
    assert (first.PatientID, second.PatientID) == (one.study, other.study)
    assert (first.StudyID, second.StudyID) == ("1", "2")
    assert (first.SeriesNumber, first.InstanceNumber, first.Modality) == (1, 1, "OT")
    assert (first.PatientName, first.StudyDate, first.StudyTime) == ("", "", "")
    with opened((one.study, None)) as archive:
        assert {info.date_time[:3] for info in archive.infolist()} == {(1980, 1, 1)}


@pytest.mark.parametrize(
    ("elements", "kind", "keys"),
    [
        ({"SOPClassUID": EnhancedSRStorage, "CompletionFlag": "PARTIAL"}, "SR DOCUMENT", {"CompletionFlag": "PARTIAL"}),
        ({"SOPClassUID": KeyObjectSelectionDocumentStorage}, "KEY OBJECT DOC", {"ContentDate": "20240201"}),
        ({"SOPClassUID": TwelveLeadECGWaveformStorage}, "WAVEFORM", {"ContentTime": "1200"}),
        ({"SOPClassUID": EncapsulatedPDFStorage, "DocumentTitle": "x"}, "ENCAP DOC", {"DocumentTitle": "x"}),
        (
            {"SOPClassUID": GrayscaleSoftcopyPresentationStateStorage, "ContentLabel": "LABEL"},
            "PRESENTATION",
            {"ContentLabel": "LABEL"},
        ),
    ],
)  # fmt: skip
def test_records_of_other_objects_have_the_keys_of_their_types(file_set, elements, kind, keys):
    content = {"ContentDate": "20240201", "ContentTime": "1200"}
    file = stored_file(part10(instance(**NO_PIXELS, **content, **elements)))
    (found,) = file_set((file.study, None))
    record = found.node._record
    assert record.DirectoryRecordType == kind
    assert record.InstanceNumber == 1
    assert {keyword: record[keyword].value for keyword in keys} == keys


def test_metadata_are_read_only_for_what_has_no_columns(django_assert_num_queries):
    image = stored()
    InstanceMetadata.objects.all().delete()
    with django_assert_num_queries(3):
        zip_archive([(image.study, None)])


def test_names_in_it_are_file_ids_also_of_the_millionth_file():
    entry = zip_download.Entry("1", 1, 1, 1, 1, "2", "3", "4", None, True, "", 1, "", None, (1, 1_000_000, 99_999_999))
    assert entry.file_id == ("DICOM", "ST000001", "E1000000", "99999999")


def test_nothing_of_the_patient_is_in_names_or_in_the_readme():
    with opened((stored(PatientName="Zebra^Unique", PatientID="ZEBRA-1").study, None)) as archive:
        assert "ZEBRA" not in " ".join(archive.namelist()).upper()
        assert b"ZEBRA" not in archive.read("README.TXT").upper()
        assert archive.read("README.TXT").isascii()


def test_there_is_a_limit_to_one_download(monkeypatch):
    first, second = stored(), stored_study([2])[0][0]
    monkeypatch.setattr(zip_download, "MOST_INSTANCES", 2)
    zip_archive([(second.study, None)])
    with pytest.raises(TooManyInstances):
        zip_archive([(first.study, None), (second.study, None)])


def test_of_what_is_not_there_there_is_no_archive():
    file = stored()
    with pytest.raises(StudyNotFound):
        zip_archive([(file.study, None), ("1.2.3", None)])
    with pytest.raises(SeriesNotFound):
        zip_archive([(file.study, "1.2.3")])
    with pytest.raises(NothingToDownload):
        zip_archive([])
