"""`manage.py export_dicom`: stored studies back to files."""

import io

import pytest
from django.core.management import CommandError, call_command

from archive.models import Instance
from archive.storage import blobs
from tests.storing import stored, stored_study

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("export_dicom", *map(str, arguments), "--no-progress", stdout=out)
    return out.getvalue()


def test_named_studies_are_exported_byte_for_byte(tmp_path):
    files = [file for series in stored_study([2, 1]) for file in series]
    stored()

    said = run(tmp_path, files[0].study)

    assert said == "1 studies, 3 instances: 3 written, 0 there already.\n"
    assert {
        path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()
    } == {f"{file.study}/{file.series}/{file.instance}.dcm": file.content for file in files}


def test_who_exports_is_in_the_audit_trail(tmp_path, trail):
    files = [file for series in stored_study([2, 1]) for file in series]

    run(tmp_path, files[0].study)

    (event,) = trail(action="exported")
    assert (event.way, event.study_instance_uid, event.times) == ("command", files[0].study, 3)


def test_all_studies_are_exported(tmp_path):
    stored()
    stored()

    assert run(tmp_path, "--all") == "2 studies, 2 instances: 2 written, 0 there already.\n"


def test_a_second_export_writes_nothing(tmp_path):
    stored()
    run(tmp_path, "--all")

    assert run(tmp_path, "--all") == "1 studies, 1 instances: 0 written, 1 there already.\n"


@pytest.mark.parametrize("arguments", [[], ["1.2.3", "--all"]], ids=["neither", "both"])
def test_one_says_either_which_studies_or_all(tmp_path, arguments):
    with pytest.raises(CommandError, match="Name the studies to export, or say --all"):
        run(tmp_path, *arguments)


def test_a_study_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(CommandError, match=r"There is no study 1\.2\.3\. 0 instances"):
        run(tmp_path, "1.2.3")


def test_bytes_that_are_gone_are_an_error_that_says_how_far_it_came(tmp_path):
    stored(StudyInstanceUID="1.2.1")
    stored(StudyInstanceUID="1.2.2")
    blobs().delete(Instance.objects.get(series__study__study_instance_uid="1.2.2").blob_key)

    with pytest.raises(CommandError, match="1 instances were exported before"):
        run(tmp_path, "1.2.1", "1.2.2")

    assert len(list(tmp_path.rglob("*.dcm"))) == 1
