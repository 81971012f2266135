"""Numbers by their meaning, PS3.4 Section C.2.2.2.1."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.matching.numbers import NUMBERS, integer, long_integer, number, single_precision


@pytest.mark.parametrize(
    ("text", "number"), [("+7", 7), ("-7", -7), ("7.0", 7), ("7.5", None), ("", None), ("٧", None)]
)
def test_integers_are_read_by_their_meaning(text: str, number: int | None):
    assert integer(text) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.50", 1.5),
        ("15e-1", 1.5),
        ("+1.5", 1.5),
        (".5", 0.5),
        ("1e400", None),
        ("nan", None),
        ("1,5", None),
    ],
)
def test_QIDO_38_decimal_numbers_are_read_by_their_meaning(text: str, value: float | None):
    assert number(text) == value


def test_numbers_of_64_bits_are_exact():
    assert long_integer(str(2**64 - 1)) == 2**64 - 1
    assert long_integer("1" * 21) is None


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_precision_numbers_are_found_by_the_digits_that_people_know(stored: float):
    (exact,) = struct.unpack("<f", struct.pack("<f", stored))
    assert single_precision(f"{stored:.9g}") == exact == single_precision(repr(exact))


def test_what_single_precision_cannot_hold_is_none():
    assert single_precision("1e39") is None


@given(st.text("0123456789+-.eE ٣", max_size=24), st.sampled_from(sorted(NUMBERS)))
def test_any_text_is_a_number_or_none(text: str, vr: str):
    found = NUMBERS[vr](text)
    assert found is None or NUMBERS[vr](repr(found)) == found
