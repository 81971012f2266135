"""The frame that stands for the others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.representative import representative_frame
from tests.archive.dicom.rendering.shown import attributes


@pytest.mark.parametrize(("count", "middle"), [(1, 1), (2, 1), (3, 2), (4, 2), (101, 51)])
def test_without_another_word_it_is_the_one_in_the_middle(count: int, middle: int) -> None:
    assert representative_frame(attributes(), count) == middle


@pytest.mark.parametrize(("named", "found"), [(1, 1), (5, 5), (9, 9), (0, 5), (10, 5), (-1, 5), (None, 5), ("x", 5)])
def test_it_is_the_one_that_the_data_set_names_when_there_is_one(named: Any, found: int) -> None:
    assert representative_frame(attributes({"00286010": {"vr": "US", "Value": [named]}}), 9) == found


@given(st.integers(1, 10**6), st.integers() | st.floats() | st.text(max_size=3))
def test_it_is_one_of_the_frames(count: int, named: Any) -> None:
    assert 1 <= representative_frame(attributes({"00286010": {"vr": "US", "Value": [named]}}), count) <= count
