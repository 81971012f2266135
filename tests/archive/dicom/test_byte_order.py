"""Byte order, whatever the pieces in which the bytes come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.byte_order import byte_swapped, swapped


@pytest.mark.parametrize(("unit", "expected"), [(2, b"badcfeg"), (4, b"dcbaefg"), (8, b"abcdefg")])
def test_whole_units_are_reversed_and_the_rest_is_left(unit: int, expected: bytes) -> None:
    assert byte_swapped(b"abcdefg", unit) == expected


@given(st.binary(max_size=100), st.sampled_from([2, 4, 8]), st.lists(st.integers(0, 100)))
def test_pieces_are_swapped_as_the_whole_is(data: bytes, unit: int, cuts: list[int]) -> None:
    pieces = [data[start:stop] for start, stop in pairwise(sorted({0, 100, *cuts}))]

    assert b"".join(swapped(pieces, unit)) == byte_swapped(data, unit)
