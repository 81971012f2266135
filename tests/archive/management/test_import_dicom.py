"""`manage.py import_dicom`: what it says, and what it writes down."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from archive.models import Instance
from tests.builders import instance, part10

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_dicom", *map(str, arguments), "--no-progress", stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One DICOM file and one that is none."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "image").write_bytes(part10(instance(SOPInstanceUID="1.2.3")))
    (files / "notes.txt").write_text("Doe^Jane")
    return files


def test_it_sums_up_and_explains_what_it_refused(folder):
    said = run(folder)

    assert said.splitlines()[-1] == "2 files: 1 stored, 0 already there, 1 refused."
    assert f"refused {folder / 'notes.txt'}: " in said
    assert "Doe^Jane" not in said
    assert Instance.objects.count() == 1


def test_it_says_what_was_stored_with_a_warning(tmp_path):
    (tmp_path / "image").write_bytes(part10(instance(NumberOfFrames=9)))

    said = run(tmp_path)

    assert re.search(rf"^stored {tmp_path / 'image'}: .+ \(0xB007\)$", said, re.MULTILINE)
    assert said.splitlines()[-1] == "1 files: 1 stored, 0 already there, 0 refused."


def test_a_second_run_finds_what_is_there(folder):
    run(folder)

    assert run(folder).splitlines()[-1] == "2 files: 0 stored, 1 already there, 1 refused."


def test_it_writes_what_became_of_each_file_to_a_csv_file(folder, tmp_path):
    run(folder, "--csv", tmp_path / "report.csv")

    with (tmp_path / "report.csv").open(newline="") as file:
        rows = {Path(row["file"]).name: row for row in csv.DictReader(file)}
    assert set(rows) == {"image", "notes.txt"}
    assert (rows["image"]["result"], rows["image"]["reason"]) == ("stored", "")
    assert rows["image"]["sop_instance_uid"] == "1.2.3"
    assert (rows["notes.txt"]["result"], rows["notes.txt"]["sop_instance_uid"]) == ("refused", "")
    assert "0xC000" in rows["notes.txt"]["reason"]


def test_several_paths_and_threads(folder):
    said = run(folder / "image", folder / "notes.txt", "--threads", 3)

    assert said.splitlines()[-1] == "2 files: 1 stored, 0 already there, 1 refused."


def test_a_path_that_is_not_there_is_an_error_before_anything_is_stored(folder):
    with pytest.raises(CommandError, match=r"There is no .*missing"):
        run(folder, folder / "missing")

    assert Instance.objects.count() == 0


def test_an_empty_folder_is_no_error(tmp_path):
    assert run(tmp_path) == "0 files: 0 stored, 0 already there, 0 refused.\n"
