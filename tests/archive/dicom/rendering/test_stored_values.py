"""The numbers in pixel cells, whatever else is in them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.stored_values import by_value, in_parts, integers, range_of
from tests.builders import PIXELS


@given(st.data())
def test_bits_stored_up_to_high_bit_are_the_value_and_the_others_are_not(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([8, 16, 32, 64]))
    stored = data.draw(st.integers(1, size))
    high = data.draw(st.integers(stored - 1, size - 1))
    signed = data.draw(st.booleans())
    pixels = replace(PIXELS, bits_allocated=size, bits_stored=stored, high_bit=high, pixel_representation=int(signed))
    least, greatest = range_of(pixels)
    values = data.draw(st.lists(st.integers(least, greatest), min_size=1))
    others = data.draw(st.integers(0, (1 << size) - 1))
    lowest = high - stored + 1
    mask = ((1 << stored) - 1) << lowest
    cells = [value << lowest & mask | others & ~mask & ((1 << size) - 1) for value in values]
    found = integers(np.array(cells, f"<u{size // 8}"), pixels, signed=signed)
    assert found.tolist() == values


def test_a_high_bit_that_cannot_be_is_the_highest_of_those_stored() -> None:
    pixels = replace(PIXELS, bits_stored=12, high_bit=3)
    assert integers(np.array([0xF123], "<u2"), pixels, signed=False).tolist() == [0x123]


@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=1), st.sampled_from(["<i4", "<i8"]))
def test_what_is_worked_out_by_value_is_what_is_worked_out_by_pixel(values: list[int], kind: str) -> None:
    def shown(stored: np.ndarray) -> np.ndarray:
        return (stored % 251).astype(np.uint8)

    array = np.array(values * 3, kind)
    assert np.array_equal(by_value(array, shown), shown(array))


@pytest.mark.parametrize("shape", [(1, 1), (3, 1 << 20), (1 << 20, 3), (1, 3 << 20), (1000, 1500, 3)])
def test_what_is_worked_out_in_parts_is_what_is_worked_out_at_once(shape: tuple[int, ...]) -> None:
    sizes = []

    def shown(part: np.ndarray) -> np.ndarray:
        sizes.append(part.size)
        return (part % 251).astype(np.uint8)

    values = np.arange(np.prod(shape)).reshape(shape)
    assert np.array_equal(in_parts(values, shown), values % 251)
    assert max(sizes) <= max(1 << 20, values[0].size)
