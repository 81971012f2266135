"""WADO-13, WADO-65: answers of a part for each frame, where an object of a few kilobytes has a hundred thousand."""

import tracemalloc
from itertools import islice

import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.uid import DeflatedExplicitVRLittleEndian

from archive import made
from archive.selectors.inflation import Inflation
from dicomweb import multipart_response
from tests.builders import instance
from tests.dicomweb.answers import loose_parts, parts
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

FRAMES = 100_000
COMPRESSED = 'multipart/related; type="image/dicom-rle"'
OCTETS = 'multipart/related; type="application/octet-stream"'


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
    url, headers = f"{file.path}/frames/3,1", {"accept": OCTETS}
    few = archive.get(url, headers=headers)
    assert "Content-Length" in few
    monkeypatch.setattr(multipart_response, "MOST_FORESEEN", 1)
    many = archive.get(url, headers=headers)
    assert "Content-Length" not in many
    assert [part.payload for part in loose_parts(many)] == [part.payload for part in parts(few)]


def test_WADO_44_frames_of_a_deflated_object_are_inflated_once(
    archive: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would be inflated with all that come before it: a megabyte can have ten thousand of two seconds each.

    Afterwards they are in memory, while that lasts.
    """
    frames = [bytes([number]) * 128 for number in range(50)]
    dataset = instance(NumberOfFrames=50, PixelData=b"".join(frames))
    file = stored(dataset, transfer_syntax=DeflatedExplicitVRLittleEndian)
    begun: list[None] = []
    begin = Inflation._begin
    monkeypatch.setattr(Inflation, "_begin", lambda self: begun.append(None) or begin(self))

    def ask(numbers: range | list[int], accept: str = OCTETS) -> HttpResponse:
        begun.clear()
        return archive.get(f"{file.path}/frames/{','.join(map(str, numbers))}", headers={"accept": accept})

    assert [part.payload for part in parts(ask(range(1, 51)))] == frames
    assert len(begun) == 1
    assert len(loose_parts(ask(range(1, 51), COMPRESSED))) == 50
    assert not begun
    made.clear()
    assert len(loose_parts(ask(range(1, 51), COMPRESSED))) == 50
    assert len(begun) == 1
    assert [part.payload for part in parts(ask([3, 1, 2]))] == [frames[2], frames[0], frames[1]]
    assert ask(range(50, 0, -1)).status_code == 400
    assert not begun
