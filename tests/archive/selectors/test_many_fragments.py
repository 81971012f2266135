"""One object can have millions of frames, or of fragments: what is asked of them takes no room for all of them."""

import tracemalloc
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import JPEGBaseline8Bit

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.fragments import Fragments, frames_of
from archive.dicom.frame_index import EncapsulatedFrames
from archive.dicom.reading.part10 import parse
from archive.dicom.writing import transcoding
from archive.selectors import content, locate
from archive.selectors.content import StoredBytesDamaged
from archive.selectors.locate import StoredInstance
from tests.archive.dicom.raw import SEQUENCE_DELIMITATION, UNDEFINED_LENGTH, element, item, part10_file
from tests.builders import encapsulated
from tests.storing import StoredFile, stored

MANY = 1 << 20


@contextmanager
def within(megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes << 20
    finally:
        tracemalloc.stop()


def place_of(file: StoredFile) -> StoredInstance:
    return locate.instances(file.study, file.series, file.instance)[0]


def test_a_frame_of_a_million_fragments_is_located_at_once() -> None:
    frames = EncapsulatedFrames(array("Q", range(0, 10 * (MANY + 1), 10)), array("Q", (0, MANY)))
    with within(1):
        location = frames.locate(1)
    assert location.bits == 8 * 2 * MANY
    assert (location.ranges[0], location.ranges[-1]) == (ByteRange(8, 10), ByteRange(10 * MANY - 2, 10 * MANY))


def test_frames_are_told_apart_by_offsets_without_a_table_of_all_fragments() -> None:
    starts = array("Q", range(0, 10 * (MANY + 1), 10))
    fragments = Fragments(0, array("I", (0, 10 * MANY // 2)).tobytes(), starts, array("Q"), closed=True, cut=False)
    with within(1):
        frames = frames_of(fragments, number_of_frames=2)
    assert frames is not None
    assert frames.bounds == array("Q", (0, MANY // 2, MANY))


def test_fragments_of_nothing_are_a_frame_of_nothing() -> None:
    fragments = item(b"") * 50_000 + SEQUENCE_DELIMITATION
    pixels = element(0x7FE00010, "OB", fragments, length=UNDEFINED_LENGTH)
    frames = parse(BytesIO(part10_file(element(0x00280008, "IS", b"1 ") + pixels, JPEGBaseline8Bit))).frames
    assert frames is not None
    assert frames.locate(1).bits == 0


@pytest.mark.django_db
@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=12), piece=st.integers(1, 50))
def test_the_fragments_of_a_frame_are_read_together(lengths: list[int], piece: int) -> None:
    ranges, position = [], 100
    for length in lengths:
        position += 8
        ranges.append(ByteRange(position, position + length))
        position += length
    data = bytes(n % 251 for n in range(100, position))
    pieces = (data[start : start + piece] for start in range(0, len(data), piece))
    expected = b"".join(data[span.start - 100 : span.stop - 100] for span in ranges)
    assert b"".join(content._picked(pieces, 100, ranges)) == expected
    with pytest.raises(StoredBytesDamaged):
        list(content._picked(iter([data[:-1]]), 100, ranges))


@pytest.mark.django_db
def test_a_frame_of_several_fragments_is_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would be a request of its own to a storage that is far away."""
    frame = bytes(range(200))
    file = stored(encapsulated([frame], fragments_per_frame=5), transfer_syntax=JPEGBaseline8Bit)
    reads: list[object] = []
    read = content.blobs().read
    monkeypatch.setattr(type(content.blobs()), "read", lambda self, *span: reads.append(span) or read(*span))
    frames = locate.frames(place_of(file))
    assert b"".join(content.frame(frames, frames.locate([1])[0])) == frame
    assert len(reads) == 1


@pytest.mark.django_db
def test_short_fragments_are_given_together() -> None:
    file = stored(
        encapsulated([bytes(range(200)) * 1000], fragments_per_frame=50_000), transfer_syntax=JPEGBaseline8Bit
    )
    frames = locate.frames(place_of(file))
    pieces = list(content.frame(frames, frames.locate([1])[0]))
    assert b"".join(pieces) == bytes(range(200)) * 1000
    assert len(pieces) <= 4


def test_a_frame_of_short_fragments_takes_no_room_for_each() -> None:
    starts = array("Q", range(0, 10 * ((MANY >> 3) + 1), 10))
    location = EncapsulatedFrames(starts, array("Q", (0, MANY >> 3))).locate(1)
    with within(2):
        assert len(transcoding._frame(BytesIO(bytes(starts[-1])), location)) == MANY >> 2
