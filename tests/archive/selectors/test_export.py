"""Stored objects as files again."""

import pytest

from archive.errors import StudyNotFound
from archive.models import Instance
from archive.selectors import locate
from archive.selectors.export import destination, export_studies
from archive.storage import BlobMissing, blobs
from tests.storing import stored, stored_study

pytestmark = pytest.mark.django_db


def test_every_instance_has_a_place_by_its_uids(tmp_path):
    file = stored()
    (found,) = locate.instances(file.study)

    assert destination(tmp_path, found) == tmp_path / file.study / file.series / f"{file.instance}.dcm"


def test_exported_bytes_are_those_that_were_received(tmp_path):
    files = [file for series in stored_study([2, 2]) for file in series]

    exported = list(export_studies([files[0].study], tmp_path))

    assert [(found.instance, written) for found, written in exported] == [(file.instance, True) for file in files]
    for (found, _), file in zip(exported, files, strict=True):
        assert destination(tmp_path, found).read_bytes() == file.content


def test_an_export_can_be_repeated_and_mends_what_is_missing_or_cut_short(tmp_path):
    first, second, third = (file for series in stored_study([3]) for file in series)
    list(export_studies([first.study], tmp_path))
    folder = tmp_path / first.study / first.series
    (folder / f"{second.instance}.dcm").unlink()
    (folder / f"{third.instance}.dcm").write_bytes(third.content[:100])

    again = {found.instance: written for found, written in export_studies([first.study], tmp_path)}

    assert again == {first.instance: False, second.instance: True, third.instance: True}
    assert (folder / f"{third.instance}.dcm").read_bytes() == third.content
    assert sorted(path.suffix for path in folder.iterdir()) == [".dcm"] * 3


def test_a_file_of_the_right_name_is_always_whole(tmp_path):
    file = stored()
    key = Instance.objects.get().blob_key
    blobs().delete(key)

    with pytest.raises(BlobMissing):
        list(export_studies([file.study], tmp_path))

    assert list(tmp_path.rglob("*.dcm")) == []


def test_a_study_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(StudyNotFound):
        list(export_studies(["1.2.3"], tmp_path))
