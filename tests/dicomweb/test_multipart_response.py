"""Answers of several parts: their bytes, their length, and when each part is opened."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.storage import BlobMissing, blobs
from dicomweb import multipart_response
from dicomweb.multipart_response import Part, multipart_related
from tests.dicomweb.answers import parts

contents = st.lists(st.lists(st.binary(max_size=20), max_size=3), min_size=1, max_size=5)


def part(*pieces: bytes, content_type: str = "application/dicom") -> Part:
    return Part(content_type, "http://archive/1", sum(map(len, pieces)), lambda: iter(pieces))


@given(contents)
def test_what_is_read_is_what_was_put_together_and_its_length_was_known(pieces):
    response = multipart_related("application/dicom", [part(*content) for content in pieces])

    assert [found.payload for found in parts(response)] == [b"".join(content) for content in pieces]


class Opening:
    """Parts that note when they are opened and closed."""

    def __init__(self, count: int, *, missing: int | None = None) -> None:
        self.opened: list[int] = []
        self.closed: list[int] = []
        self._missing = missing
        self.parts = [Part("application/dicom", "http://archive/1", 3, lambda n=n: self._open(n)) for n in range(count)]

    def _open(self, number: int) -> Iterator[bytes]:
        if number == self._missing:
            raise BlobMissing("key")
        self.opened.append(number)
        reading = self._read(number)
        next(reading)  # as a blob is opened: something has to be closed, read or not
        return reading

    def _read(self, number: int) -> Iterator[bytes]:
        try:
            yield b""
            yield b"abc"
        finally:
            self.closed.append(number)


@pytest.fixture(params=[0, 3], ids=["near-storage", "far-storage"])
def ahead(request, monkeypatch) -> int:
    monkeypatch.setattr(type(blobs()), "read_ahead", request.param)
    return request.param


def test_the_first_part_is_opened_at_once_and_the_others_not_much_before_they_are_sent(ahead):
    opening = Opening(8)

    response = multipart_related("application/dicom", opening.parts)

    assert 0 in opening.opened
    assert len(opening.opened) <= max(1, ahead) + 1
    assert [found.payload for found in parts(response)] == [b"abc"] * 8
    assert sorted(opening.opened) == opening.closed == list(range(8))


def test_a_first_part_that_is_missing_is_an_error_before_anything_is_sent(ahead):
    with pytest.raises(BlobMissing):
        multipart_related("application/dicom", Opening(3, missing=0).parts)


def test_a_later_part_that_is_missing_breaks_the_answer_off(ahead):
    response = multipart_related("application/dicom", Opening(3, missing=2).parts)

    with pytest.raises(BlobMissing):
        response.getvalue()


def test_an_answer_that_is_not_read_to_its_end_closes_what_it_has_opened(ahead, monkeypatch):
    monkeypatch.setattr(multipart_response, "WORTH_SENDING", 1)
    opening = Opening(9)
    response = multipart_related("application/dicom", opening.parts)
    pieces = iter(response.streaming_content)
    next(pieces)

    del pieces, response

    deadline = time.monotonic() + 5  # for what is being opened at this moment
    while set(opening.closed) != set(opening.opened) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert 0 in opening.opened
    assert len(opening.opened) < 9
    assert set(opening.closed) == set(opening.opened)
