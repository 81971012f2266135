"""Pixels that are not square."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from archive.dicom.dicom_json import DataSet
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.pixel_aspect import pixel_aspect
from archive.dicom.rendering.viewport import Viewport, placed
from tests.archive.dicom.rendering.shown import attributes, attributes_in, item
from tests.builders import instance, part10


def described(**elements: Any) -> Attributes:
    return attributes_in(part10(instance(**elements)))


@pytest.mark.parametrize(
    "keyword", ["PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio"]
)
def test_pixels_are_as_tall_as_rows_are_apart(keyword: str) -> None:
    assert pixel_aspect(described(**{keyword: [3, 2]})) == 1.5


def test_pixels_are_square_where_nothing_is_said() -> None:
    assert pixel_aspect(described()) == 1


def test_spacing_goes_before_the_ratio() -> None:
    """PS3.3 Section C.7.6.3.1.7: the ratio is for images that have no spacing."""
    assert pixel_aspect(described(PixelSpacing=[1, 2], PixelAspectRatio=[3, 1])) == 0.5
    assert pixel_aspect(described(ImagerPixelSpacing=[1, 2], PixelSpacing=[3, 1])) == 3


def measures(down: float, across: float) -> Dataset:
    return item(PixelMeasuresSequence=[item(PixelSpacing=[down, across])])


def test_frames_may_have_a_spacing_of_their_own() -> None:
    found = described(
        NumberOfFrames=2,
        PerFrameFunctionalGroupsSequence=[measures(2, 1), item()],
        SharedFunctionalGroupsSequence=[measures(4, 1)],
        PixelAspectRatio=[5, 1],
    )
    assert [pixel_aspect(found, number) for number in (1, 2)] == [2, 4]


@pytest.mark.parametrize("spacing", [[0, 1], [1, 0], [-1, 2], [1], [1, 2, 3], [1, 1000], [1000, 1], None])
def test_a_spacing_without_sense_is_passed_over(spacing: list[float] | None) -> None:
    assert pixel_aspect(described(PixelSpacing=spacing, PixelAspectRatio=[3, 2])) == 1.5


VALUES = st.lists(st.floats() | st.text(max_size=4) | st.none(), max_size=3)


@given(st.dictionaries(st.sampled_from(("00280030", "00181164", "00182010", "00280034")), VALUES))
def test_whatever_is_said_an_image_can_be_placed(values: dict[str, list[Any]]) -> None:
    data_set: DataSet = {key: {"vr": "DS", "Value": found} for key, found in values.items()}
    aspect = pixel_aspect(attributes(data_set))
    placement = placed(Viewport(100, 100), columns=50, rows=50, pixel_aspect=aspect)
    assert 100 in {placement.width, placement.height}
