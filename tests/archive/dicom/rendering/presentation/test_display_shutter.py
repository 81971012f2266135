"""What shutters cover, and with what."""

from typing import Any

import numpy as np
import pytest

from archive.dicom.errors import NotRenderable
from tests.archive.dicom.rendering.presentation.states import COLOR, area, image, presented, state_of
from tests.archive.dicom.rendering.test_overlay_planes import with_overlay

WHITE = np.full((7, 9), 255, np.uint8)
RECTANGLE = {
    "ShutterLeftVerticalEdge": 3,
    "ShutterRightVerticalEdge": 7,
    "ShutterUpperHorizontalEdge": 2,
    "ShutterLowerHorizontalEdge": 6,
}
CIRCLE = {"CenterOfCircularShutter": [4, 5], "RadiusOfCircularShutter": 2}
#: Rows and columns: a triangle.
POLYGON = {"VerticesOfThePolygonalShutter": [1, 1, 7, 1, 7, 7]}


def covered(shape: Any, values: np.ndarray = WHITE, **elements: Any) -> np.ndarray:
    target = image(values)
    return presented(target, state_of(target, ShutterShape=shape, **elements))


def test_a_rectangle_is_seen_with_its_edges() -> None:
    expected = np.zeros((7, 9), np.uint8)
    expected[1:6, 2:7] = 255
    assert np.array_equal(covered("RECTANGULAR", **RECTANGLE), expected)


def test_a_circle_is_seen_up_to_its_radius() -> None:
    row, column = np.mgrid[1:8, 1:10]
    expected = np.where((row - 4) ** 2 + (column - 5) ** 2 <= 4, 255, 0)
    assert np.array_equal(covered("CIRCULAR", **CIRCLE), expected)


def test_a_circle_is_one_on_the_display_where_pixels_are_not_square() -> None:
    """The radius is in pixels along a row; pixels twice as high have half as many of them."""
    shown = covered(
        "CIRCULAR", **CIRCLE, DisplayedAreaSelectionSequence=[area((1, 1), (9, 7), PresentationPixelAspectRatio=[2, 1])]
    )
    seen = np.argwhere(shown > 127)
    height, width = seen.max(axis=0) - seen.min(axis=0) + 1
    assert (height, width) == (6, 5)


def test_a_polygon_is_seen_with_its_edges() -> None:
    row, column = np.mgrid[0:7, 0:9]
    assert np.array_equal(covered("POLYGONAL", **POLYGON), np.where(column <= row, 255, 0))


def test_of_several_shapes_the_least_is_seen() -> None:
    both = covered(["RECTANGULAR", "POLYGONAL"], **RECTANGLE, **POLYGON)
    assert np.array_equal(both, np.minimum(covered("RECTANGULAR", **RECTANGLE), covered("POLYGONAL", **POLYGON)))
    assert 0 < (both > 0).sum() < 25


def test_a_bitmap_covers_where_it_is_set() -> None:
    mask = np.random.default_rng(1).integers(0, 2, (7, 9), np.uint8)
    target = image(WHITE)
    state = state_of(target, ShutterShape="BITMAP", ShutterOverlayGroup=0x6002, ShutterPresentationValue=0x4000)
    for element in with_overlay(mask, group=0x6002).group_dataset(0x6002):
        state[element.tag] = element
    assert np.array_equal(presented(target, state), np.where(mask, 64, 255))


@pytest.mark.parametrize(("value", "gray"), [(0, 0), (0x8000, 128), (0xFFFF, 255), (None, 0)])
def test_what_is_covered_has_the_presentation_value(value: int | None, gray: int) -> None:
    given = {} if value is None else {"ShutterPresentationValue": value}
    assert covered("RECTANGULAR", WHITE // 2, **RECTANGLE, **given)[0, 0] == gray


def test_colors_are_covered_with_a_color() -> None:
    target = image(np.full((7, 9, 3), 200, np.uint8))
    blue = [int(0.2957 * 65535), int((68.30 + 128) / 255 * 65535), int((-112.03 + 128) / 255 * 65535)]
    state = state_of(
        target, sop_class=COLOR, ShutterShape="RECTANGULAR", **RECTANGLE, ShutterPresentationColorCIELabValue=blue
    )
    shown = presented(target, state).astype(int)
    assert np.abs(shown[0, 0] - (0, 0, 255)).max() <= 3
    assert shown[3, 4].tolist() == [200, 200, 200]


def test_the_shutter_turns_with_the_image() -> None:
    plain = covered("POLYGONAL", **POLYGON)
    turned = covered("POLYGONAL", **POLYGON, ImageRotation=90, ImageHorizontalFlip="Y")
    assert np.array_equal(turned, np.rot90(plain, -1)[:, ::-1])


@pytest.mark.parametrize(
    ("shape", "elements"),
    [
        ("RECTANGULAR", {}),
        ("CIRCULAR", {"CenterOfCircularShutter": [4, 5]}),
        ("CIRCULAR", {"RadiusOfCircularShutter": 3}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": [1, 1, 7, 1]}),
        ("BITMAP", {"ShutterOverlayGroup": 0x6000}),
    ],
)
def test_a_shutter_that_lacks_what_it_needs_is_refused(shape: str, elements: dict[str, Any]) -> None:
    with pytest.raises(NotRenderable, match="shutter"):
        covered(shape, **elements)


def test_the_shutter_of_the_image_is_not_that_of_the_presentation_state() -> None:
    target = image(WHITE, ShutterShape="RECTANGULAR", **RECTANGLE)
    assert np.array_equal(presented(target, state_of(target)), WHITE)


def test_a_polygon_of_more_edges_than_can_be_looked_at_in_time_is_refused() -> None:
    """Ten thousand zigzags over four thousand rows would take seconds, in which nobody else is served."""
    tall = np.full((4000, 2), 255, np.uint8)
    zigzag = [1, 1, 4000, 2]
    assert covered("POLYGONAL", tall, VerticesOfThePolygonalShutter=zigzag * 500).shape == tall.shape
    with pytest.raises(NotRenderable, match="too many vertices"):
        covered("POLYGONAL", tall, VerticesOfThePolygonalShutter=zigzag * 5000)
