"""Which part of an image is rendered, and how large (PS3.18 Section 8.3.5.1.3)."""

from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.errors import UnusableViewport
from archive.dicom.rendering.viewport import LARGEST, WHOLE, Placement, Region, RelativeRegion, Viewport, placed

sides = st.integers(1, 5000)
#: Of viewports that no image is enlarged too much for.
allowed_sides = st.integers(1, isqrt(LARGEST))
numbers = st.floats(allow_nan=False, allow_infinity=False)
regions = st.one_of(
    st.none(),
    st.builds(Region, numbers, numbers, st.none() | numbers, st.none() | numbers),
    st.builds(Region, st.floats(-9, 99), st.floats(-9, 99), st.none() | st.floats(-99, 99), st.floats(-99, 99)),
    st.builds(RelativeRegion, *[st.floats(0, 1)] * 4),
)
aspects = st.floats(0.001, 1000)


def size(viewport: Viewport, *, columns: int = 400, rows: int = 200, pixel_aspect: float = 1) -> tuple[int, int]:
    placement = placed(viewport, columns=columns, rows=rows, pixel_aspect=pixel_aspect)
    return placement.width, placement.height


@pytest.mark.parametrize(
    ("viewport", "expected"),
    [
        (Viewport(100, 100), (100, 50)),
        (Viewport(1000, 100), (200, 100)),
        (Viewport(800, 800), (800, 400)),
        (Viewport(400, 200), (400, 200)),
        (Viewport(100, None), (100, 50)),
        (Viewport(None, 100), (200, 100)),
        (Viewport(1, 1), (1, 1)),
    ],
)
def test_WADO_89_an_image_is_fitted_into_the_viewport(viewport: Viewport, expected: tuple[int, int]):
    assert size(viewport) == expected


@given(sides, sides, allowed_sides, allowed_sides, aspects)
def test_WADO_89_one_side_is_that_of_the_viewport(columns: int, rows: int, width: int, height: int, aspect: float):
    found = size(Viewport(width, height), columns=columns, rows=rows, pixel_aspect=aspect)

    assert found[0] == width or found[1] == height
    assert found[0] <= width
    assert found[1] <= height


@pytest.mark.parametrize(
    ("region", "box"),
    [
        (Region(10, 20, 30, 40), (10, 20, 40, 60)),
        (Region(10, 20), (10, 20, 400, 200)),
        (Region(0, 0, None, 40), (0, 0, 400, 40)),
        (Region(390, 190, 30, 40), (390, 190, 400, 200)),
        (Region(-10, -20, 30, 40), (0, 0, 20, 20)),
        (Region(0.5, 1.5, 2.25, 3), (0.5, 1.5, 2.75, 4.5)),
        (RelativeRegion(0.25, 0.5, 0.75, 1), (100, 100, 300, 200)),
    ],
)
def test_WADO_90_a_region_is_a_box_of_the_image(region: Region | RelativeRegion, box: tuple[float, ...]):
    placement = placed(Viewport(512, 512, region), columns=400, rows=200)

    assert (placement.left, placement.top, placement.right, placement.bottom) == box


def test_WADO_90_a_region_is_cut_first_and_scaled_then():
    assert size(Viewport(100, 100, Region(0, 0, 20, 40))) == (50, 100)


def test_WADO_91_negative_sizes_flip_the_region_where_it_is():
    placement = placed(Viewport(30, 40, Region(10, 20, -30, -40)), columns=400, rows=200)

    assert placement == Placement(10, 20, 40, 60, 30, 40, flipped_horizontally=True, flipped_vertically=True)


@pytest.mark.parametrize(
    "region",
    [
        *(Region(400), Region(0, 200), Region(1e300), Region(-30, 0, 30), Region(-1e308, 0, 1e308), Region(0, 0, 1e-9)),
        RelativeRegion(0.5, 0, 0.5 + 1e-9, 1),
    ],
)
def test_WADO_92_a_region_that_shows_nothing_is_refused(region: Region | RelativeRegion):
    with pytest.raises(UnusableViewport):
        placed(Viewport(10, 10, region), columns=400, rows=200)


@pytest.mark.parametrize("viewport", [Viewport(10**9, 10**9), Viewport(None, 10**9), Viewport(8192, None)])
def test_WADO_92_nothing_is_enlarged_to_more_pixels_than_the_archive_can_hold(viewport: Viewport):
    with pytest.raises(UnusableViewport, match=str(LARGEST)):
        placed(viewport, columns=1, rows=1)


def test_WADO_89_a_larger_image_is_shown_in_its_own_size():
    assert size(Viewport(5000, 6000), columns=5000, rows=6000) == (5000, 6000)
    with pytest.raises(UnusableViewport):
        size(Viewport(5001, 6001), columns=5000, rows=6000)


def test_WADO_92_a_large_viewport_for_a_narrow_image_is_none_of_that():
    assert size(Viewport(10**9, 100)) == (200, 100)


def test_WADO_93_without_a_viewport_the_matrix_is_that_of_the_source():
    assert placed(WHOLE, columns=400, rows=200, pixel_aspect=2) == Placement(0, 0, 400, 200, 400, 200)
    assert size(Viewport(region=RelativeRegion(0, 0, 0.5, 0.25)), pixel_aspect=2) == (200, 50)


def test_pixels_that_are_not_square_become_so_when_they_are_scaled():
    assert size(Viewport(400, 400), pixel_aspect=2) == (400, 400)
    assert size(Viewport(400, 400), pixel_aspect=0.5) == (400, 100)


@given(
    st.none() | st.integers(1, 10**9), st.none() | st.integers(1, 10**9), regions, st.integers(1, 65535), sides, aspects
)
def test_any_viewport_is_within_the_image_and_the_bounds_or_refused(width, height, region, columns, rows, aspect):
    try:
        placement = placed(Viewport(width, height, region), columns=columns, rows=rows, pixel_aspect=aspect)
    except UnusableViewport:
        return
    assert 0 <= placement.left < placement.right <= columns
    assert 0 <= placement.top < placement.bottom <= rows
    assert min(placement.width, placement.height) >= 1
    assert placement.width * placement.height <= max(LARGEST, columns * rows)
