"""Rendered images in viewports (PS3.18 Section 8.3.5.1.3)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.rasters import Raster, fitted
from archive.dicom.rendering.viewport import WHOLE, Region, Viewport, placed
from tests.archive.dicom.rendering.built import psnr, rasters, smooth


def shown(raster: Raster, viewport: Viewport) -> Raster:
    rows, columns = raster.shape[:2]
    return fitted(raster, placed(viewport, columns=columns, rows=rows))


def averages(raster: Raster, side: int) -> Raster:
    """Of each square of pixels."""
    rows, columns = raster.shape[0] // side, raster.shape[1] // side
    means = raster.reshape(rows, side, columns, side, -1).mean(axis=(1, 3))
    return np.round(means).astype(np.uint8).reshape(rows, columns, *raster.shape[2:])


@given(rasters)
def test_WADO_93_a_viewport_that_names_the_whole_image_is_the_image(raster: Raster):
    rows, columns = raster.shape[:2]

    for viewport in (WHOLE, Viewport(columns, rows), Viewport(columns, rows, Region(0, 0, columns, rows))):
        assert np.array_equal(shown(raster, viewport), raster)


@given(rasters)
def test_WADO_91_an_image_that_is_flipped_twice_is_the_image(raster: Raster):
    rows, columns = raster.shape[:2]
    for region in (Region(0, 0, -columns, rows), Region(0, 0, columns, -rows), Region(0, 0, -columns, -rows)):
        flip = Viewport(region=region)
        assert np.array_equal(shown(shown(raster, flip), flip), raster)


def test_WADO_91_a_negative_width_is_left_for_right_and_a_negative_height_upside_down():
    raster = np.array([[1, 2], [3, 4]], np.uint8)

    assert shown(raster, Viewport(2, 2, Region(0, 0, -2))).tolist() == [[2, 1], [4, 3]]
    assert shown(raster, Viewport(2, 2, Region(0, 0, 2, -2))).tolist() == [[3, 4], [1, 2]]


@given(rasters, st.data())
def test_WADO_90_a_region_in_its_own_size_is_those_pixels(raster: Raster, data: st.DataObject):
    rows, columns = raster.shape[:2]
    left, top = data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1))
    width, height = data.draw(st.integers(1, columns - left)), data.draw(st.integers(1, rows - top))

    found = shown(raster, Viewport(region=Region(left, top, width, height)))

    assert np.array_equal(found, raster[top : top + height, left : left + width])


@pytest.mark.parametrize("color", [False, True])
def test_WADO_89_a_smaller_image_has_the_averages_of_areas(color: bool):
    raster = smooth(256, 384, color=color)

    assert psnr(shown(raster, Viewport(96, 64)), averages(raster, 4)) > 45


@pytest.mark.parametrize("width", [30, 51, 77, 100])
def test_WADO_89_lines_that_are_too_fine_become_gray_not_stripes(width: int):
    lines = np.tile(np.array([0, 255], np.uint8), (8, 128))

    found = shown(lines, Viewport(width, None))[:, 1:-1]

    assert np.abs(found - 127.5).max() < 48


@pytest.mark.parametrize("color", [False, True])
def test_WADO_89_a_larger_image_is_smooth(color: bool):
    raster = smooth(64, 96, color=color)

    found = shown(raster, Viewport(384, 256))

    assert found.shape[:2] == (256, 384)
    assert psnr(averages(found, 4), raster) > 40


def test_WADO_89_between_pixels_of_the_image_a_larger_one_has_shades():
    found = shown(np.array([[0, 200]], np.uint8), Viewport(10, None))[0].tolist()

    assert found == sorted(found)
    assert len(set(found)) > 5


@given(rasters, st.integers(1, 60), st.integers(1, 60), st.floats(0, 20), st.floats(0.5, 20))
def test_WADO_89_scaling_makes_no_value_that_is_not_between_those_of_the_image(raster, width, height, left, extent):
    rows, columns = raster.shape[:2]
    region = Region(min(left, columns - 0.5), min(left, rows - 0.5), extent, extent)

    found = shown(raster, Viewport(width, height, region))

    assert found.dtype == np.uint8
    assert found.ndim == raster.ndim
    assert raster.min() <= found.min()
    assert found.max() <= raster.max()


def test_WADO_90_a_region_may_begin_and_end_within_pixels():
    raster = np.array([[0, 100, 200]], np.uint8)

    assert shown(raster, Viewport(1, 1, Region(0.5, 0, 1, 1))).tolist() == [[50]]


def test_pixels_that_are_twice_as_tall_as_wide_become_square():
    raster = smooth(50, 100)

    assert fitted(raster, placed(Viewport(100, 100), columns=100, rows=50, pixel_aspect=2)).shape == (100, 100)
