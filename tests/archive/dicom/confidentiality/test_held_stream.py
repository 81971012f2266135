"""A stream whose beginning is held."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.confidentiality.held_stream import HeadTooLarge, HeldStream
from archive.dicom.errors import MalformedDicom

CONTENT = bytes(range(256)) * 8


def pieces(size: int) -> Iterator[bytes]:
    return (CONTENT[start : start + size] for start in range(0, len(CONTENT), size))


@given(st.integers(1, 3000), st.lists(st.tuples(st.integers(0, 2100), st.integers(0, 300))))
def test_it_reads_like_a_file_however_it_is_cut(size, reads):
    stream = HeldStream(pieces(size), limit=4096)

    for position, length in reads:
        stream.seek(position)
        assert stream.read(length) == CONTENT[position : position + length]


@given(st.integers(1, 3000), st.integers(0, 1000), st.integers(0, 1000))
def test_what_is_passed_on_follows_what_was_forgotten(size, looked_at, forgotten):
    stream = HeldStream(pieces(size), limit=4096)
    stream.seek(0)
    stream.read(max(looked_at, forgotten))
    stream.forget(forgotten)

    assert b"".join(stream.passed_on(1000)) == CONTENT[forgotten : forgotten + 1000]
    stream.seek(0)
    assert stream.read(10) == CONTENT[forgotten + 1000 : forgotten + 1010]


def test_no_more_is_held_than_the_limit():
    stream = HeldStream(pieces(16), limit=100)
    stream.seek(90)
    assert len(stream.read(10)) == 10

    with pytest.raises(HeadTooLarge, match="100 bytes"):
        stream.read(11)


def test_what_is_passed_on_is_read_piece_by_piece():
    taken = []

    def counted() -> Iterator[bytes]:
        for piece in pieces(100):
            taken.append(len(piece))
            yield piece

    passed_on = HeldStream(counted(), limit=100).passed_on(len(CONTENT))

    assert (len(next(passed_on)), taken) == (100, [100])


def test_a_stream_that_ends_early_is_malformed():
    with pytest.raises(MalformedDicom):
        b"".join(HeldStream(pieces(100), limit=100).passed_on(len(CONTENT) + 1))
