"""Deflated data sets, read range by range: right in any order, and soon in their own."""

import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.byte_ranges import ByteRange
from archive.selectors import inflation
from archive.selectors.inflation import Inflation, StoredBytesDamaged

DATA = bytes(n * n % 251 for n in range(5_000))


class Blobs:
    """One blob: some bytes, and DATA deflated."""

    def __init__(self) -> None:
        stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self.content = b"head" + stream.compress(DATA) + stream.flush()
        self.reads = 0

    def read(self, key: str, span: ByteRange) -> Iterator[bytes]:
        self.reads += 1
        wanted = self.content[span.start : span.stop]
        return (wanted[start : start + 100] for start in range(0, len(wanted), 100))


@pytest.fixture
def blobs(monkeypatch: pytest.MonkeyPatch) -> Blobs:
    found = Blobs()
    monkeypatch.setattr(inflation, "blobs", lambda: found)
    monkeypatch.setattr(inflation, "CHUNK", 64)
    return found


def inflated(blobs: Blobs) -> Inflation:
    return Inflation("key", 4, len(blobs.content))


spans = st.tuples(st.integers(0, len(DATA)), st.integers(0, 300)).map(
    lambda pair: ByteRange(pair[0], min(sum(pair), len(DATA)))
)


@given(st.lists(spans, max_size=8))
def test_any_ranges_in_any_order_are_those_of_the_whole(wanted: list[ByteRange]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        found = Blobs()
        patch.setattr(inflation, "blobs", lambda: found)
        patch.setattr(inflation, "CHUNK", 64)
        stream = inflated(found)
        for span in wanted:
            assert b"".join(stream.read(span)) == DATA[span.start : span.stop]


def test_ranges_that_follow_each_other_are_inflated_once(blobs: Blobs) -> None:
    stream = inflated(blobs)
    ranges = [ByteRange(start, start + 10) for start in range(0, len(DATA), 10)]
    assert b"".join(b"".join(stream.read(span)) for span in ranges) == DATA
    assert blobs.reads == 1
    assert b"".join(stream.read(ByteRange(0, 10))) == DATA[:10]
    assert blobs.reads == 2


def test_ranges_that_are_read_by_turns_are_right(blobs: Blobs) -> None:
    stream = inflated(blobs)
    first, second = stream.read(ByteRange(0, 1000)), stream.read(ByteRange(2000, 3000))
    found = [b"", b""]
    for _ in range(40):
        for number, pieces in enumerate((first, second)):
            found[number] += next(pieces, b"")
    assert found == [DATA[:1000], DATA[2000:3000]]


def test_a_range_behind_the_end_is_an_error(blobs: Blobs) -> None:
    with pytest.raises(StoredBytesDamaged):
        list(inflated(blobs).read(ByteRange(len(DATA) - 1, len(DATA) + 1)))
