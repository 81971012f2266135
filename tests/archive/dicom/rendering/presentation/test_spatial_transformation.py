"""Quarters and flips: of pixels and of points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.presentation.spatial_transformation import SpatialTransformation
from archive.dicom.rendering.rasters import Raster
from tests.archive.dicom.rendering.built import rasters
from tests.archive.dicom.rendering.presentation.states import image, presented, state_of

L = np.array([[1, 2], [3, 4], [5, 6]], np.uint8)
transformations = st.builds(SpatialTransformation, st.integers(0, 3), st.booleans())


@pytest.mark.parametrize(
    ("rotation", "flip", "expected"),
    [
        (0, "N", [[1, 2], [3, 4], [5, 6]]),
        (90, "N", [[5, 3, 1], [6, 4, 2]]),
        (180, "N", [[6, 5], [4, 3], [2, 1]]),
        (270, "N", [[2, 4, 6], [1, 3, 5]]),
        (0, "Y", [[2, 1], [4, 3], [6, 5]]),
        (90, "Y", [[1, 3, 5], [2, 4, 6]]),
        (180, "Y", [[5, 6], [3, 4], [1, 2]]),
        (270, "Y", [[6, 4, 2], [5, 3, 1]]),
    ],
)
def test_an_image_is_turned_clockwise_and_then_flipped(rotation: int, flip: str, expected: list[list[int]]) -> None:
    target = image(L)
    shown = presented(target, state_of(target, ImageRotation=rotation, ImageHorizontalFlip=flip))
    assert shown.tolist() == expected


def test_an_angle_in_between_is_refused() -> None:
    target = image(L)
    with pytest.raises(NotRenderable, match="0070,0042"):
        presented(target, state_of(target, ImageRotation=45))


@given(rasters, st.integers(0, 3))
def test_four_quarters_are_none_and_so_are_two_flips(raster: Raster, quarters: int) -> None:
    turned = raster
    for step in (quarters, 4 - quarters):
        turned = SpatialTransformation(step % 4).apply(turned)
    assert np.array_equal(turned, raster)
    for _ in range(4):
        turned = SpatialTransformation(1).apply(turned)
    assert np.array_equal(turned, raster)
    assert np.array_equal(
        SpatialTransformation(flipped=True).apply(SpatialTransformation(flipped=True).apply(raster)), raster
    )


@given(rasters, transformations, st.data())
def test_a_point_goes_where_its_pixel_goes(
    raster: Raster, transformation: SpatialTransformation, data: st.DataObject
) -> None:
    rows, columns = raster.shape[:2]
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    turned = transformation.apply(raster)
    x, y = transformation.point(column + 0.5, row + 0.5, columns, rows)
    assert np.array_equal(turned[int(y), int(x)], raster[row, column])
