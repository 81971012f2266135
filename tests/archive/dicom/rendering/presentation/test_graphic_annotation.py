"""Lines, shapes, layers and units: where they lie, and in which color."""

from collections.abc import Sequence
from time import process_time
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.presentation import canvas, graphic_annotation
from archive.dicom.rendering.viewport import WHOLE, Viewport
from tests.archive.dicom.rendering.presentation.states import (
    annotation,
    area,
    graphic,
    image,
    layer,
    presented,
    reference,
    state_of,
)
from tests.archive.dicom.rendering.shown import item

BLACK = np.zeros((20, 30), np.uint8)
TARGET = image(BLACK)
RED, GREEN = [35579, 53665, 50858], [57552, 12523, 53710]
#: Around the pixels of columns 5 to 14, rows 3 to 9.
FRAME = [5.5, 3.5, 14.5, 3.5, 14.5, 9.5, 5.5, 9.5, 5.5, 3.5]


def drawn(*objects: Dataset, viewport: Viewport = WHOLE, **elements: Any) -> np.ndarray:
    """A black image with graphics."""
    state = state_of(TARGET, GraphicAnnotationSequence=[annotation(*objects)], **elements)
    return presented(TARGET, state, 1, viewport)


def box(raster: np.ndarray, threshold: int = 127) -> list[int]:
    """The first row and column, and the last ones, where something is."""
    lit = np.argwhere(raster.max(axis=-1) > threshold if raster.ndim == 3 else raster > threshold)
    return [*lit.min(axis=0).tolist(), *lit.max(axis=0).tolist()]


def test_a_polyline_goes_through_its_points() -> None:
    expected = np.zeros_like(BLACK)
    expected[3, 5:15] = expected[9, 5:15] = 255
    expected[3:10, 5] = expected[3:10, 14] = 255
    assert np.array_equal(drawn(graphic("POLYLINE", FRAME)), expected)


def test_a_polyline_that_is_closed_may_be_filled() -> None:
    filled = drawn(graphic("POLYLINE", FRAME, GraphicFilled="Y"))
    assert (filled[3:10, 5:15] == 255).all()
    assert box(filled) == [3, 5, 9, 14]
    half_open = drawn(graphic("POLYLINE", FRAME[:-2], GraphicFilled="Y"))
    assert not half_open[5, 8]


def test_a_point_is_seen_around_its_place() -> None:
    lit = drawn(graphic("POINT", [10.5, 7.5]))
    assert box(lit) == [6, 9, 8, 11]
    assert lit[7, 10] == 255


def test_a_circle_has_its_middle_and_a_point_of_it() -> None:
    lit = drawn(graphic("CIRCLE", [15, 10, 15, 4]))
    assert box(lit, 100) == [3, 8, 16, 21]
    row, column = np.argwhere(lit > 60).T + 0.5
    assert np.abs(np.hypot(row - 10, column - 15) - 6).max() < 1
    assert (drawn(graphic("CIRCLE", [15, 10, 15, 4], GraphicFilled="Y"))[5:15, 12:18] == 255).all()


def test_an_ellipse_has_the_ends_of_its_axes() -> None:
    lit = drawn(graphic("ELLIPSE", [4, 10, 24, 10, 14, 6, 14, 14]))
    assert box(lit, 100) == [5, 3, 14, 24]
    row, column = np.argwhere(lit > 60).T + 0.5
    assert np.abs(((column - 14) / 10) ** 2 + ((row - 10) / 4) ** 2 - 1).max() < 0.6


def test_a_slanted_ellipse_is_within_its_axes() -> None:
    """The axes need not be those of the image."""
    lit = drawn(graphic("ELLIPSE", [9, 4, 21, 16, 12, 13, 18, 7]))
    row, column = np.argwhere(lit > 60).T + 0.5
    along, across = (column - 15 + row - 10) / 2**0.5, (column - 15 - row + 10) / 2**0.5
    assert np.abs((along / 72**0.5) ** 2 + (across / 18**0.5) ** 2 - 1).max() < 0.6


@pytest.mark.parametrize("points", [[3, 3, 15, 16, 27, 3], [5, 5, 20, 5, 20, 15, 5, 15, 5, 5]])
def test_an_interpolated_curve_goes_through_its_points_without_corners(points: list[float]) -> None:
    lit = drawn(graphic("INTERPOLATED", points))
    for x, y in zip(points[::2], points[1::2], strict=True):
        assert lit[int(y) - 1 : int(y) + 1, int(x) - 1 : int(x) + 1].max() > 60
    assert not np.array_equal(lit, drawn(graphic("POLYLINE", points)))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["N", "Y"])
def test_graphics_of_the_image_stay_on_their_pixels(rotation: int, flip: str) -> None:
    """Turned, cut and enlarged: the square of four pixels lies on these."""
    values = np.zeros((20, 30), np.uint8)
    values[6:8, 9:11] = 100
    target = image(values)
    marked = graphic("POLYLINE", [9, 6, 11, 6, 11, 8, 9, 8, 9, 6], GraphicFilled="Y")
    state = state_of(
        target,
        GraphicAnnotationSequence=[annotation(marked)],
        ImageRotation=rotation,
        ImageHorizontalFlip=flip,
        DisplayedAreaSelectionSequence=[area((3, 2), (20, 15))],
    )
    lit = presented(target, state, 1, Viewport(360, 360))
    del state.GraphicAnnotationSequence
    pixels = presented(target, state, 1, Viewport(360, 360))
    assert np.abs(np.subtract(box(lit, 200), box(pixels, 50))).max() <= 2


def test_the_units_of_the_display_are_fractions_of_the_displayed_area() -> None:
    line = graphic("POLYLINE", [0.0, 0.25, 1.0, 0.25], "DISPLAY")
    lit = drawn(line, DisplayedAreaSelectionSequence=[area((11, 1), (30, 20))], ImageRotation=90)
    assert lit.shape == (20, 20)
    assert box(lit, 100) == [4, 0, 5, 19]


def test_lines_are_thin_however_large_the_image_is_shown() -> None:
    line = graphic("POLYLINE", [0, 10, 30, 10])
    for scale in (1, 10, 30):
        lit = drawn(line, viewport=Viewport(30 * scale))
        assert int(lit[:, 15 * scale].sum()) == pytest.approx(255, abs=2)


# -- layers ------------------------------------------------------------------------


def crossing(layers: Sequence[Dataset]) -> np.ndarray:
    """A square of layer ONE, then one of layer TWO, over each other at row 5, column 10."""
    squares = [
        annotation(graphic("POLYLINE", FRAME, GraphicFilled="Y"), layer="ONE"),
        annotation(graphic("POLYLINE", FRAME, GraphicFilled="Y"), layer="TWO"),
    ]
    return presented(TARGET, state_of(TARGET, GraphicAnnotationSequence=squares, GraphicLayerSequence=list(layers)))


def test_layers_of_higher_order_lie_above() -> None:
    one, two = (
        {"GraphicLayerRecommendedDisplayGrayscaleValue": 0x4000},
        {"GraphicLayerRecommendedDisplayGrayscaleValue": 0x8000},
    )
    assert crossing([layer("ONE", 1, **one), layer("TWO", 2, **two)])[5, 10] == 128
    assert crossing([layer("ONE", 2, **one), layer("TWO", 1, **two)])[5, 10] == 64


def test_a_layer_in_color_makes_the_image_one_in_color() -> None:
    red = layer("ONE", 2, GraphicLayerRecommendedDisplayCIELabValue=RED)
    shown = crossing([red, layer("TWO", 1)])
    assert np.abs(shown[5, 10].astype(int) - (255, 0, 0)).max() <= 3
    assert shown[0, 0].tolist() == [0, 0, 0]
    retired = layer("ONE", 2, GraphicLayerRecommendedDisplayRGBValue=[0, 0x8000, 0xFFFF])
    assert crossing([retired, layer("TWO", 1)])[5, 10].tolist() == [0, 128, 255]


def test_a_layer_that_is_not_described_is_white_and_above() -> None:
    dark = layer("TWO", 99, GraphicLayerRecommendedDisplayGrayscaleValue=0x1000)
    assert crossing([dark])[5, 10] == 255


def test_styles_go_before_layers() -> None:
    line = graphic(
        "POLYLINE",
        FRAME,
        GraphicFilled="Y",
        LineStyleSequence=[item(PatternOnColorCIELabValue=RED, LineThickness=3.0, LineDashingStyle="SOLID")],
        FillStyleSequence=[item(PatternOnColorCIELabValue=GREEN)],
    )
    shown = drawn(line).astype(int)
    assert np.abs(shown[6, 10] - (0, 255, 0)).max() <= 3
    for row in (2, 3, 4):
        assert np.abs(shown[row, 10] - (255, 0, 0)).max() <= 3
    assert shown[1, 10].tolist() == [0, 0, 0]


def test_dashes_have_gaps() -> None:
    dashed = graphic("POLYLINE", [0, 5.5, 30, 5.5], LineStyleSequence=[item(LineDashingStyle="DASHED")])
    lit = drawn(dashed)[5] > 200
    assert lit.tolist()[:12] == [True] * 6 + [False] * 4 + [True] * 2
    assert lit.sum() == 18


# -- which, and what is refused ------------------------------------------------------


def test_annotations_are_of_the_images_and_frames_that_they_name() -> None:
    target = image(np.zeros((2, 20, 30), np.uint8))
    second = annotation(graphic("POLYLINE", FRAME), targets=[reference(target, 2)])
    other = annotation(graphic("POLYLINE", FRAME), targets=[reference(TARGET)])
    state = state_of(target, GraphicAnnotationSequence=[second, other])
    assert not presented(target, state, 1).any()
    assert presented(target, state, 2).any()


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (graphic("CIRCLE", [1, 1]), "CIRCLE has 1 points"),
        (graphic("ELLIPSE", [1, 1, 2, 2, 3, 3]), "ELLIPSE has 3 points"),
        (graphic("SPLINE", [1, 1, 2, 2]), "Graphic Type"),
        (graphic("POLYLINE", [1, 1, 2]), "no pairs"),
        (graphic("POLYLINE", [1, 1, float("nan"), 2]), "no pairs"),
        (graphic("POLYLINE", FRAME, "MATRIX"), "units PIXEL and DISPLAY"),
        (item(GraphicAnnotationUnits="PIXEL", GraphicType="POLYLINE"), "no points"),
    ],
)
def test_graphics_that_make_no_sense_are_refused(broken: Dataset, problem: str) -> None:
    with pytest.raises(NotRenderable, match=problem):
        drawn(broken)


def test_graphics_far_away_are_not_seen() -> None:
    assert not drawn(graphic("POLYLINE", [1e30, 1e30, 2e30, 3e30])).any()
    assert not drawn(graphic("CIRCLE", [-5000, 10, -5000, 20])).any()


def test_what_takes_longest_for_its_size_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outlines of letters, and polygons of many edges: Pillow lets nobody else be served while it draws them."""
    monkeypatch.setattr(canvas, "_MOST_WORK", 1 << 22)
    target = image(np.zeros((500, 100), np.uint8))
    text = item(
        UnformattedTextValue="\r\n".join(["W" * 64] * 12),
        BoundingBoxAnnotationUnits="DISPLAY",
        BoundingBoxTopLeftHandCorner=[0, 0],
        BoundingBoxBottomRightHandCorner=[1, 1],
    )
    zigzag = graphic("POLYLINE", [1, 1, 100, 500] * 1000 + [1, 1], GraphicFilled="Y")
    for objects in ([annotation(texts=[text] * 20)], [annotation(*[zigzag] * 4)]):
        began = process_time()
        with pytest.raises(NotRenderable, match="too long to draw"):
            presented(target, state_of(target, GraphicAnnotationSequence=objects))
        assert process_time() - began < 1


def test_more_than_can_be_drawn_in_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [graphic("POINT", [1, 1])] * 4
    monkeypatch.setattr(graphic_annotation, "_MOST_OBJECTS", 3)
    assert drawn(*points[1:]).any()
    with pytest.raises(NotRenderable, match="More than 3 annotations"):
        drawn(*points)
    monkeypatch.setattr(canvas, "_MOST_WORK", 5000)
    assert drawn(points[0]).any()
    with pytest.raises(NotRenderable, match="too long to draw"):
        drawn(graphic("POLYLINE", [0, 0, 30, 20]), viewport=Viewport(3000))
