from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.byte_ranges import ByteRange
from archive.http import ranges
from archive.http.ranges import MOST_RANGES, RangeNotSatisfiable

NUMBERS = st.integers(0, 60).map(str)
SPECIFIED = st.tuples(NUMBERS, NUMBERS | st.just("")).map("-".join) | NUMBERS.map("-{}".format)
HEADERS = st.lists(SPECIFIED, min_size=1, max_size=MOST_RANGES + 1).map(
    lambda specified: "bytes=" + ",".join(specified)
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes=0-0", [(0, 1)], id="WADO-66-first-byte"),
        pytest.param("bytes=0-9", [(0, 10)], id="first-ten"),
        pytest.param("bytes=90-", [(90, 100)], id="open-end"),
        pytest.param("bytes=-10", [(90, 100)], id="suffix"),
        pytest.param("bytes=-1000", [(0, 100)], id="suffix-longer-than-all"),
        pytest.param("bytes=90-1000", [(90, 100)], id="clamped"),
        pytest.param("bytes=99-99999999999999999999", [(99, 100)], id="clamped-far"),
        pytest.param("Bytes= 0-1 ,, 50-59\t", [(0, 2), (50, 60)], id="spaces-and-empty-elements"),
        pytest.param("bytes=50-59,0-9", [(0, 10), (50, 60)], id="in-order"),
        pytest.param("bytes=0-9,10-19,15-29,40-49", [(0, 30), (40, 50)], id="coalesced"),
        pytest.param("bytes=0-49,10-19", [(0, 50)], id="one-inside-another"),
        pytest.param("bytes=0-9,200-300", [(0, 10)], id="one-outside"),
    ],
)
def test_ranges_inside_a_hundred_bytes(header, expected):
    assert ranges.parse(header, 100) == [ByteRange(*span) for span in expected]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "lines=0-9",
        "bytes=9-0",
        "bytes=0-9,9-0",
        "bytes=a-b",
        "bytes=1",
        "bytes=-",
        "bytes=0 - 9",
        "bytes=\u0661-\u0662",
        "bytes=0-9;1-2",
        "bytes=" + ",".join(["0-0"] * (MOST_RANGES + 1)),
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_a_header_that_asks_for_no_range_is_ignored(header):
    assert ranges.parse(header, 100) is None


@pytest.mark.parametrize(
    ("header", "length"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-0", 0), ("bytes=-5", 0)]
)
def test_ranges_outside_are_not_satisfiable(header, length):
    """WADO-67."""
    with pytest.raises(RangeNotSatisfiable) as raised:
        ranges.parse(header, length)
    assert raised.value.length == length


def _bytes_asked_for(header, length):
    """What the header means, one byte at a time (RFC 9110 Section 14.1.2)."""
    for specified in header.removeprefix("bytes=").split(","):
        first, _, last = specified.partition("-")
        if not first:
            yield from range(max(0, length - int(last)), length)
        else:
            yield from range(int(first), min(length, int(last) + 1 if last else length))


@given(HEADERS, st.integers(0, 50))
def test_ranges_are_exactly_the_bytes_asked_for_in_order_and_apart(header, length):
    try:
        found = ranges.parse(header, length)
    except RangeNotSatisfiable:
        assert not list(_bytes_asked_for(header, length))
        return
    if found is None:
        return
    assert {byte for span in found for byte in range(span.start, span.stop)} == set(_bytes_asked_for(header, length))
    assert all(span.length > 0 and span.stop <= length for span in found)
    assert all(before.stop < after.start for before, after in pairwise(found))


@given(st.text() | st.text("0123456789-, ").map("bytes={}".format))
def test_any_text_asks_for_bytes_that_there_are_or_for_none(text):
    try:
        found = ranges.parse(text, 100)
    except RangeNotSatisfiable:
        return
    assert found is None or all(0 <= span.start < span.stop <= 100 for span in found)


def test_content_range_counts_from_zero_and_includes_the_last_byte():
    """WADO-66."""
    assert ranges.content_range(ByteRange(0, 1), 1234) == "bytes 0-0/1234"
    assert ranges.content_range(ByteRange(100, 1234), 1234) == "bytes 100-1233/1234"
