"""WADO-22: bytes that are gone or cut behind the archive's back are told from good ones before, or in the middle of, an
answer; never is a damaged answer a whole one.
"""

from collections.abc import Callable
from http.client import HTTPException
from io import BytesIO

import pytest
import requests
from pydicom import Dataset
from pydicom.uid import generate_uid

from tests.builders import instance, part10
from tests.flows.wire import Wire
from tests.live_archive import LiveArchive

Damage = Callable[[LiveArchive, bytes], None]

AS_STORED = {"Accept": "application/dicom; transfer-syntax=*"}


def vanish(archive: LiveArchive, content: bytes) -> None:
    archive.blobs().delete(archive.blob_of(content))


def lose_the_end(archive: LiveArchive, content: bytes) -> None:
    key, blobs = archive.blob_of(content), archive.blobs()
    kept = content[:-1]
    blobs.delete(key)
    blobs.put(key, BytesIO(kept), len(kept))


def lose_all_bytes(archive: LiveArchive, content: bytes) -> None:
    key, blobs = archive.blob_of(content), archive.blobs()
    blobs.delete(key)
    blobs.put(key, BytesIO(b""), 0)


@pytest.fixture(params=[vanish, lose_the_end, lose_all_bytes])
def damage(request: pytest.FixtureRequest) -> Damage:
    return request.param


def stored_series(archive: LiveArchive, count: int, *, side: int = 8) -> list[Dataset]:
    """Stored images of so many rows and columns."""
    common = {
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "Rows": side,
        "Columns": side,
        "PixelData": bytes(2 * side * side),
    }
    datasets = [instance(**common, InstanceNumber=number) for number in range(count)]
    assert archive.store(*map(part10, datasets)).status_code == 200
    return datasets


def series_path(dataset: Dataset) -> str:
    return f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"


def instance_path(dataset: Dataset) -> str:
    return f"{series_path(dataset)}/instances/{dataset.SOPInstanceUID}"


@pytest.mark.parametrize("below", ["", "/frames/1", "/bulkdata/7FE00010"], ids=["object", "frame", "bulk-data"])
@pytest.mark.parametrize("accept", ["multipart/related; type=*/*; transfer-syntax=*", "*/*;transfer-syntax=*"])
def test_a_damaged_instance_is_answered_503(
    archive: LiveArchive, session: requests.Session, damage: Damage, below: str, accept: str
) -> None:
    damaged, whole = stored_series(archive, 2)
    damage(archive, part10(damaged))
    response = session.get(archive.url + instance_path(damaged) + below, headers={"Accept": accept})
    assert response.status_code == 503
    assert response.json()["message"], "a failure is explained"
    assert session.get(archive.url + instance_path(whole) + below, headers={"Accept": accept}).status_code == 200


def test_a_series_that_begins_with_a_damaged_instance_is_answered_503(
    archive: LiveArchive, session: requests.Session, damage: Damage
) -> None:
    first, *_ = stored_series(archive, 3)
    damage(archive, part10(first))
    assert session.get(archive.url + series_path(first)).status_code == 503


@pytest.mark.parametrize("side", [8, 400], ids=["small", "large"])
@pytest.mark.parametrize("position", [1, 2, 19])
def test_a_series_with_a_damaged_instance_further_on_is_never_answered_as_if_it_were_whole(
    archive: LiveArchive, damage: Damage, position: int, side: int
) -> None:
    datasets = stored_series(archive, 20, side=side)
    damage(archive, part10(datasets[position]))
    with Wire(archive) as wire:
        wire.request("GET", series_path(datasets[0]))
        assert not is_answered_whole(wire)
        assert wire.receive() == b"", "the connection is closed"


def is_answered_whole(wire: Wire) -> bool:
    """Once 200 has been sent, only a broken connection still tells a client that what it got is not all."""
    answer = wire.answer()
    try:
        answer.read()
    except (HTTPException, ConnectionError):
        return False
    return answer.status == 200


def test_what_needs_no_bytes_of_a_damaged_instance_is_answered(
    archive: LiveArchive, session: requests.Session, damage: Damage
) -> None:
    """P31: metadata is in the database; a search does not know, nor care."""
    damaged, other = stored_series(archive, 2)
    damage(archive, part10(damaged))
    metadata = session.get(f"{archive.url}{series_path(damaged)}/metadata")
    assert metadata.status_code == 200
    assert len(metadata.json()) == 2
    assert len(session.get(f"{archive.url}{series_path(damaged)}/instances").json()) == 2
    whole = session.get(archive.url + instance_path(other), headers=AS_STORED)
    assert (whole.status_code, whole.content) == (200, part10(other))
