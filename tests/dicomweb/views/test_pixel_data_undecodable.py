"""Frames that cannot be decoded, and what is given of them."""

import pytest
from pydicom.uid import (
    JPEGBaseline8Bit,
    RLELossless,
)

from archive.dicom.images import codecs
from archive.errors import NoProcess
from archive.isolation.calls import isolated
from archive.selectors import native_frames
from tests import builders
from tests.archive.isolation import calls
from tests.builders import encapsulated
from tests.dicomweb.answers import parts, payloads
from tests.dicomweb.frames import ANY, OCTETS, codestream, compressed, frame_bytes, get
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("accept", [None, "*/*", 'multipart/related; type="*/*"', f"{OCTETS}, */*; q=0.1"])
@pytest.mark.parametrize("numbers", ["2", "2,1"])
def test_NEG_03_damaged_frames_are_given_as_stored_to_whoever_takes_anything(archive, accept, numbers):
    found = parts(get(archive, compressed(JPEGBaseline8Bit), numbers, accept))

    assert [part.payload for part in found] == [codestream(int(number)) for number in numbers.split(",")]
    assert {part.content_type for part in found} == {f"image/jpeg; transfer-syntax={JPEGBaseline8Bit}"}


@pytest.mark.parametrize("accept", [OCTETS, "application/octet-stream", "image/jls"])
def test_frames_that_cannot_be_decoded_are_406_and_available_as_stored(archive, accept):
    response = get(archive, compressed(JPEGBaseline8Bit), "1", accept)

    assert response.status_code == 406
    assert f"image/jpeg; transfer-syntax={JPEGBaseline8Bit}" in response.json()["message"]


def damaged() -> StoredFile:
    """Three frames, of which the second is cut short."""
    frames = [codecs.encode(frame_bytes(number), RLELossless, builders.PIXELS) for number in (1, 2, 3)]
    frames[1] = frames[1][:70]
    return stored(encapsulated(frames), transfer_syntax=RLELossless)


def test_a_frame_that_cannot_be_decoded_is_406_and_the_others_are_given(archive):
    file = damaged()

    for _ in range(2):
        assert get(archive, file, "2", OCTETS).status_code == 406
        assert get(archive, file, "2,3", OCTETS).status_code == 406
        assert payloads(get(archive, file, "3,1", OCTETS)) == [frame_bytes(3), frame_bytes(1)]
    (part,) = parts(get(archive, file, "2", "*/*"))
    assert part.content_type == f"image/dicom-rle; transfer-syntax={RLELossless}"


@pytest.mark.parametrize("function", [calls.kill, calls.swell])
def test_a_frame_that_kills_the_process_that_decodes_it_is_406_and_given_as_stored(archive, monkeypatch, function):
    file = stored(builders.compressed(RLELossless), transfer_syntax=RLELossless)
    monkeypatch.setattr(native_frames, "isolated", lambda *of_a_codec: isolated(function))

    assert get(archive, file, "1", OCTETS).status_code == 406
    (part,) = parts(get(archive, file, "1", "*/*"))
    assert part.content_type == f"image/dicom-rle; transfer-syntax={RLELossless}"
    monkeypatch.undo()
    assert payloads(get(archive, file, "1", OCTETS)) == [frame_bytes(1)]


def test_frames_are_503_where_no_process_can_be_started_to_decode_them(archive, monkeypatch):
    def refuse(*call: object) -> None:
        raise NoProcess("there are too many")

    file = stored(builders.compressed(RLELossless), transfer_syntax=RLELossless)
    monkeypatch.setattr(native_frames, "isolated", refuse)

    assert get(archive, file, "1", OCTETS).status_code == 503
    monkeypatch.undo()
    assert payloads(get(archive, file, "1", OCTETS)) == [frame_bytes(1)]


@pytest.mark.parametrize("transfer_syntax", ["1.2.840.10008.1.2.4.59", "1.2.840.10008.1.2.4.92"])
def test_NEG_03_frames_that_nothing_decodes_are_given_as_stored_to_whoever_takes_anything(archive, transfer_syntax):
    file = compressed(transfer_syntax)

    for accept in (None, "*/*", 'multipart/related; type="*/*"'):
        (part,) = parts(get(archive, file, "2", accept))
        assert part.payload == codestream(2)
        assert part.content_type.endswith(f"; transfer-syntax={transfer_syntax}")
    assert get(archive, file, "2", OCTETS).status_code == 406


def test_frames_that_are_too_large_are_given_as_stored_only(archive, settings):
    settings.ARCHIVE_MAX_TRANSCODED_FRAME = 127
    file = stored(builders.compressed(RLELossless), transfer_syntax=RLELossless)

    assert get(archive, file, "1", OCTETS).status_code == 406
    for accept in (ANY, "*/*"):
        (part,) = parts(get(archive, file, "1", accept))
        assert part.content_type == f"image/dicom-rle; transfer-syntax={RLELossless}"
