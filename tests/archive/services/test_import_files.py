"""Files, folders, zip archives and DICOMDIRs on their way into the archive."""

import zipfile
from pathlib import Path

import pytest
from pydicom.fileset import FileSet

from archive.models import Instance
from archive.services.import_files import BATCH, Report, Source, Verdict, find, import_sources
from archive.storage import StorageFull, blobs
from tests.builders import instance, part10
from tests.storing import stored

STORED, ALREADY_THERE, REFUSED = Verdict.STORED, Verdict.ALREADY_THERE, Verdict.REFUSED


def dicom(**elements: object) -> bytes:
    return part10(instance(**elements))


def zipped(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def found(*paths: Path, under: Path) -> list[str]:
    """What is found, relative to a folder."""
    return [str(source).removeprefix(f"{under}/") for source in find(paths)]


def imported(*paths: Path, threads: int = 2) -> dict[str, Report]:
    """The reports by the names of files and entries, which have to be different."""
    reports = list(import_sources(find(paths), threads=threads))
    by_name = {report.source.entry or report.source.path.name: report for report in reports}
    assert len(by_name) == len(reports)
    return by_name


def verdicts(*paths: Path) -> dict[str, Verdict]:
    return {name: report.verdict for name, report in imported(*paths).items()}


@pytest.fixture
def dicomdir(tmp_path: Path) -> Path:
    """A DICOMDIR of two studies with the files it lists, and one file that it does not list."""
    media = FileSet()
    for number in range(2):
        dataset = instance(PatientID=f"ID-{number}", StudyID=str(number), PatientName=f"Doe^{number}")
        part10(dataset)
        media.add(dataset)
    media.write(tmp_path / "media")
    media._stage["t"].cleanup()  # else it warns, some time later, that nobody has removed its temporary folder
    (tmp_path / "media" / "unlisted").write_bytes(dicom())
    return tmp_path / "media" / "DICOMDIR"


# -- finding ---------------------------------------------------------------------


def test_files_are_found_below_folders_in_the_order_of_their_names(tmp_path):
    for name in ("b/2", "b/1", "a", "c/d/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    assert found(tmp_path, under=tmp_path) == ["a", "b/1", "b/2", "c/d/e"]
    assert found(tmp_path / "c", tmp_path / "a", under=tmp_path) == ["c/d/e", "a"]


def test_a_zip_archive_is_found_by_its_content_entry_by_entry(tmp_path):
    zipped(tmp_path / "disguised.dcm", {"folder/": b"", "folder/one": b"1", "two": b"22"})

    assert found(tmp_path, under=tmp_path) == ["disguised.dcm!folder/one", "disguised.dcm!two"]
    assert [source.size for source in find([tmp_path])] == [1, 2]


def test_a_dicomdir_is_found_as_the_files_it_lists(dicomdir):
    sources = list(find([dicomdir]))

    assert len(sources) == 2
    assert all(source.path.is_file() and source.path.name != "unlisted" for source in sources)


def test_the_dicomdir_of_a_folder_adds_nothing_to_its_files(dicomdir):
    paths = [source.path for source in find([dicomdir.parent])]

    assert len(paths) == len(set(paths)) == 3
    assert dicomdir not in paths


def test_a_dicomdir_that_cannot_be_read_is_found_itself(tmp_path):
    (tmp_path / "DICOMDIR").write_bytes(b"nothing")

    assert found(tmp_path / "DICOMDIR", under=tmp_path) == ["DICOMDIR"]


def test_a_damaged_zip_archive_is_found_itself(tmp_path):
    whole = zipped(tmp_path / "whole.zip", {"one": bytes(100)}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-30])

    assert found(tmp_path / "cut.zip", under=tmp_path) == ["cut.zip"]


# -- importing -------------------------------------------------------------------

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_file_of_a_folder_is_stored_and_the_rest_refused_with_a_reason(tmp_path):
    (tmp_path / "good").write_bytes(dicom())
    (tmp_path / "README.txt").write_text("Read me")
    (tmp_path / "empty").touch()
    (tmp_path / "cut").write_bytes(dicom()[:400])

    reports = imported(tmp_path)

    assert {name: report.verdict for name, report in reports.items()} == {
        "good": STORED,
        "README.txt": REFUSED,
        "empty": REFUSED,
        "cut": REFUSED,
    }
    for report in reports.values():
        assert (report.verdict is STORED) == (report.explanation == "")
    assert "0xC000" in reports["README.txt"].explanation
    assert reports["good"].sop_instance_uid == Instance.objects.get().sop_instance_uid
    assert b"".join(blobs().read(Instance.objects.get().blob_key)) == (tmp_path / "good").read_bytes()


def test_to_import_again_finds_everything_there(tmp_path):
    for name in "abc":
        (tmp_path / name).write_bytes(dicom())

    assert set(verdicts(tmp_path).values()) == {STORED}
    assert set(verdicts(tmp_path).values()) == {ALREADY_THERE}
    assert Instance.objects.count() == 3


def test_what_was_stored_over_http_is_already_there(tmp_path):
    (tmp_path / "a").write_bytes(stored().content)

    assert verdicts(tmp_path) == {"a": ALREADY_THERE}


def test_other_content_under_a_known_uid_is_refused(tmp_path):
    file = stored(PatientName="Doe^Jane")
    uids = {"StudyInstanceUID": file.study, "SeriesInstanceUID": file.series, "SOPInstanceUID": file.instance}
    (tmp_path / "a").write_bytes(dicom(**uids, PatientName="Doe^John"))

    (report,) = imported(tmp_path).values()

    assert (report.verdict, report.sop_instance_uid) == (REFUSED, file.instance)
    assert "0x0111" in report.explanation


def test_the_entries_of_a_zip_archive_are_imported(tmp_path):
    zipped(tmp_path / "a.zip", {"one": dicom(), "two": dicom(), "index.html": b"<html>"})

    assert verdicts(tmp_path / "a.zip") == {"one": STORED, "two": STORED, "index.html": REFUSED}


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_a_damaged_entry_is_refused_and_the_others_are_imported(tmp_path, compression):
    path = zipped(tmp_path / "a.zip", {"bad": dicom(), "good": dicom()}, compression)
    content = bytearray(path.read_bytes())
    for position in range(100, 160):
        content[position] ^= 0xFF
    path.write_bytes(content)

    reports = imported(path)

    assert {name: report.verdict for name, report in reports.items()} == {"bad": REFUSED, "good": STORED}
    assert "cannot be read" in reports["bad"].explanation


def test_an_encrypted_entry_is_refused_and_the_others_are_imported(tmp_path):
    path = zipped(tmp_path / "a.zip", {"secret": dicom(), "open": dicom()})
    content = bytearray(path.read_bytes())
    local, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    content[local + 6] |= 1  # the general purpose flag for encryption, in both headers
    content[central + 8] |= 1
    path.write_bytes(content)

    reports = imported(path)

    assert {name: report.verdict for name, report in reports.items()} == {"secret": REFUSED, "open": STORED}
    assert "encrypted" in reports["secret"].explanation


def test_the_files_that_a_dicomdir_lists_are_imported(dicomdir):
    reports = list(import_sources(find([dicomdir]), threads=1))

    assert [report.verdict for report in reports] == [STORED, STORED]


def test_a_dicomdir_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "DICOMDIR").write_bytes(b"nothing")

    assert verdicts(tmp_path / "DICOMDIR") == {"DICOMDIR": REFUSED}


def test_a_file_that_vanishes_meanwhile_is_refused_and_the_others_are_imported(tmp_path):
    (tmp_path / "b").write_bytes(dicom())
    sources = [Source(tmp_path / "a"), Source(tmp_path / "b")]

    reports = list(import_sources(sources, threads=1))

    assert [report.verdict for report in reports] == [REFUSED, STORED]
    assert "cannot be read" in reports[0].explanation


def test_a_file_that_is_too_large_is_refused_and_the_others_are_imported(tmp_path, settings):
    settings.ARCHIVE_MAX_INSTANCE_SIZE = 2000
    (tmp_path / "a").write_bytes(dicom())
    (tmp_path / "b").write_bytes(bytes(2001))

    reports = imported(tmp_path)

    assert {name: report.verdict for name, report in reports.items()} == {"a": STORED, "b": REFUSED}
    assert "2000 bytes" in reports["b"].explanation


def test_when_the_storage_is_full_files_are_refused_with_the_reason(tmp_path, monkeypatch):
    def full(*arguments: object) -> None:
        raise StorageFull("no room")

    (tmp_path / "a").write_bytes(dicom())
    with monkeypatch.context() as patched:
        patched.setattr(blobs(), "put", full)
        (report,) = imported(tmp_path).values()

    assert (report.verdict, "0xA700" in report.explanation) == (REFUSED, True)


@pytest.mark.parametrize("threads", [1, 3])
def test_more_files_than_a_batch_holds_are_each_reported_once(tmp_path, threads):
    for number in range(BATCH * 2 + 5):
        (tmp_path / f"{number:03}").write_bytes(dicom(StudyInstanceUID=f"1.2.{number % 2}"))

    reports = imported(tmp_path, threads=threads)

    assert len(reports) == BATCH * 2 + 5
    assert {report.verdict for report in reports.values()} == {STORED}
    assert Instance.objects.count() == BATCH * 2 + 5


def test_an_import_that_is_interrupted_leaves_whole_batches_and_can_be_repeated(tmp_path):
    for number in range(BATCH * 4):
        (tmp_path / f"{number:03}").write_bytes(dicom(StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.4"))

    reports = import_sources(find([tmp_path]), threads=1)
    next(reports)
    reports.close()

    assert Instance.objects.count() % BATCH == 0
    again = imported(tmp_path)
    assert {report.verdict for report in again.values()} == {STORED, ALREADY_THERE}
    assert Instance.objects.count() == BATCH * 4
