"""STOW-51: a machine without room takes no more, says so, and is as it was before."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from pydicom import Dataset

from tests.builders import instance, part10
from tests.live_archive import LiveArchive, live_archive

MEBIBYTE = 1 << 20
#: The log of the database takes up to four of them.
ROOM = 6 * MEBIBYTE
OUT_OF_RESOURCES = 0xA700


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """It keeps everything in files, whose size can be limited; parts of up to eight mebibytes it holds in memory."""
    with live_archive(tmp_path_factory.mktemp("no-room"), embedded=True, ARCHIVE_SPOOL_SIZE="8M") as archive:
        yield archive


@contextmanager
def no_file_beyond(archive: LiveArchive, size: int) -> Iterator[None]:
    """No file of the archive grows beyond this size: to the process that writes it, that is a full disk."""
    before = resource.prlimit(archive.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(archive.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(archive.pid, resource.RLIMIT_FSIZE, before)


def of_mebibytes(number: int) -> Dataset:
    return instance(Rows=1024, Columns=512 * number, PixelData=bytes(number * MEBIBYTE))


def assert_invisible(archive: LiveArchive, dataset: Dataset) -> None:
    with archive.session() as session:
        assert session.get(f"{archive.url}/studies/{dataset.StudyInstanceUID}").status_code == 404
        assert session.get(f"{archive.url}/instances?SOPInstanceUID={dataset.SOPInstanceUID}").json() == []


def failures(answer: requests.Response) -> dict[str, int]:
    """Failure Reason by SOP Instance UID."""
    items = answer.json()["00081198"]["Value"]
    return {item["00081155"]["Value"][0]: item["00081197"]["Value"][0] for item in items}


def test_an_instance_that_finds_no_room_fails_with_a700_and_a_small_one_is_stored(archive: LiveArchive) -> None:
    large, small, before = of_mebibytes(7), instance(), archive.blob_keys()
    with no_file_beyond(archive, ROOM):
        answer = archive.store(part10(large))
        assert answer.status_code == 503
        assert failures(answer) == {large.SOPInstanceUID: OUT_OF_RESOURCES}
        assert archive.blob_keys() == before
        assert_invisible(archive, large)
        assert archive.store(part10(small)).status_code == 200
    assert archive.store(part10(large)).status_code == 200


def test_a_part_that_finds_no_room_on_its_way_in_fails_and_leaves_nothing(archive: LiveArchive) -> None:
    large, small, before = of_mebibytes(12), instance(), archive.blob_keys()
    with no_file_beyond(archive, ROOM):
        answer = archive.store(part10(small), part10(large))
        assert answer.status_code == 503
        assert answer.content, "the failure is explained (STOW-51)"
        assert archive.incoming == []
        assert archive.blob_keys() == before
        assert_invisible(archive, large)
        assert_invisible(archive, small)
        assert archive.store(part10(small)).status_code == 200
    assert archive.store(part10(large)).status_code == 200


def test_what_finds_room_beside_what_does_not_is_stored(archive: LiveArchive) -> None:
    """STOW-41"""
    large, small = of_mebibytes(7), instance()
    with no_file_beyond(archive, ROOM):
        answer = archive.store(part10(small), part10(large))
    assert answer.status_code == 202
    assert failures(answer) == {large.SOPInstanceUID: OUT_OF_RESOURCES}
    assert_invisible(archive, large)
    with archive.session() as session:
        assert session.get(f"{archive.url}/studies/{small.StudyInstanceUID}").status_code == 200


@pytest.mark.parametrize("read", ["/studies?limit=1", "/studies/{0}", "/studies/{0}/metadata"])
def test_a_full_database_takes_no_store_and_answers_reads(archive: LiveArchive, read: str) -> None:
    stored, other = instance(), instance()
    assert archive.store(part10(stored)).status_code == 200
    with no_file_beyond(archive, 4096):
        assert archive.store(part10(other)).status_code == 503
        with archive.session() as session:
            assert session.get(archive.url + read.format(stored.StudyInstanceUID)).status_code == 200
        assert_invisible(archive, other)
    assert archive.store(part10(other)).status_code == 200
