"""WADO-13, WADO-65: answers of a part for each frame, where an object of a few kilobytes has a hundred thousand."""

import tracemalloc
from itertools import islice

import pytest
from django.test import Client

from dicomweb import multipart_response
from tests.builders import instance
from tests.dicomweb.answers import loose_parts, parts
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

FRAMES = 100_000
COMPRESSED = 'multipart/related; type="image/dicom-rle"'


@pytest.fixture
def file() -> StoredFile:
    """Frames of one pixel of one bit."""
    one_bit = {"Rows": 1, "Columns": 1, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    return stored(instance(**one_bit, NumberOfFrames=FRAMES, PixelData=bytes(FRAMES // 8)))


@pytest.mark.parametrize(
    ("level", "resource"),
    [("path", "bulkdata/7FE00010"), ("path", "bulkdata"), ("path", "pixeldata"), ("study_path", "pixeldata")],
)
def test_as_many_parts_as_frames_take_no_room(
    archive: Client, file: StoredFile, level: str, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multipart_response, "MOST_FORESEEN", 1000)
    archive.get(f"{file.path}/frames/1", headers={"accept": COMPRESSED}).getvalue()  # what is loaded once
    tracemalloc.start()
    try:
        response = archive.get(f"{getattr(file, level)}/{resource}", headers={"accept": COMPRESSED})
        assert response.status_code == 200
        begun = b"".join(islice(response.streaming_content, 2))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert f"Content-Location: http://testserver{file.path}/bulkdata/7FE00010/frames/2\r\n".encode() in begun
    assert "Content-Length" not in response


def test_of_few_parts_the_length_is_known_and_of_many_each_is_whole(
    archive: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stored(instance(NumberOfFrames=3, PixelData=bytes(3 * 128)))
    url, headers = f"{file.path}/frames/3,1", {"accept": 'multipart/related; type="application/octet-stream"'}
    few = archive.get(url, headers=headers)
    assert "Content-Length" in few
    monkeypatch.setattr(multipart_response, "MOST_FORESEEN", 1)
    many = archive.get(url, headers=headers)
    assert "Content-Length" not in many
    assert [part.payload for part in loose_parts(many)] == [part.payload for part in parts(few)]
