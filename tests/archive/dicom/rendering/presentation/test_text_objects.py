"""Text in boxes and at anchors."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from archive.dicom.rendering.viewport import Viewport
from tests.archive.dicom.rendering.presentation.states import annotation, area, image, layer, presented, state_of
from tests.archive.dicom.rendering.shown import item

GRAY = np.full((200, 300), 60, np.uint8)
TARGET = image(GRAY)


def text(value: str = "Measure", units: str = "PIXEL", **elements: Any) -> Dataset:
    return item(
        UnformattedTextValue=value, BoundingBoxAnnotationUnits=units, AnchorPointAnnotationUnits=units, **elements
    )


def in_box(left: float, top: float, right: float, bottom: float, **elements: Any) -> dict[str, Any]:
    return {"BoundingBoxTopLeftHandCorner": [left, top], "BoundingBoxBottomRightHandCorner": [right, bottom]} | elements


def written(*texts: Dataset, gray: int = 0xFFFF, **elements: Any) -> np.ndarray:
    """Where something is on the image."""
    layers = [layer("ONE", 1, GraphicLayerRecommendedDisplayGrayscaleValue=gray)]
    annotations = [annotation(texts=texts)]
    state = state_of(TARGET, GraphicAnnotationSequence=annotations, GraphicLayerSequence=layers, **elements)
    return presented(TARGET, state)


def extent(raster: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is lighter than the image."""
    rows, columns = np.nonzero(raster > 80)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_text_is_within_its_box_and_as_large_as_fits() -> None:
    left, top, right, bottom = extent(written(text(**in_box(50, 60, 250, 90))))
    assert 50 <= left < 60
    assert right <= 250
    assert top >= 60
    assert bottom <= 90
    small = extent(written(text(**in_box(50, 60, 250, 75))))
    assert small[3] - small[1] < bottom - top


@pytest.mark.parametrize(("justification", "where"), [("LEFT", 0), ("CENTER", 1), ("RIGHT", 2)])
def test_text_is_justified_in_its_box(justification: str, where: int) -> None:
    box = in_box(20, 60, 280, 80, BoundingBoxTextHorizontalJustification=justification)
    left, _, right, _ = extent(written(text("mm", **box)))
    assert [left - 20 < 6, abs((left + right) / 2 - 150) < 4, 280 - right < 6][where]


def test_lines_are_below_each_other() -> None:
    one, two = (written(text(value, **in_box(20, 20, 280, 120))) for value in ("H", "H\r\nH"))
    below = np.nonzero((two > 200).any(axis=1))[0]
    assert np.diff(below).max() > 1
    assert (one > 200).sum() > 0


def test_text_is_upright_however_the_image_is_turned() -> None:
    plain = written(text("Tower", **in_box(100, 50, 200, 150)))
    turned = written(
        text("Tower", **in_box(100, 50, 200, 150)),
        ImageRotation=180,
        DisplayedAreaSelectionSequence=[area((300, 200), (1, 1))],
    )
    assert np.array_equal(turned, plain)


def test_text_too_large_for_its_box_is_still_legible() -> None:
    left, top, right, bottom = extent(written(text("Readable", **in_box(50, 60, 51, 61))))
    assert bottom - top >= 3
    assert right - left > 10


def test_text_without_a_box_is_beside_its_anchor_and_in_the_image() -> None:
    left, top, _, bottom = extent(written(text(AnchorPoint=[100, 80], AnchorPointVisibility="N")))
    assert 100 < left < 110
    assert top < 80 < bottom
    _, _, right, bottom = extent(written(text(AnchorPoint=[299, 199], AnchorPointVisibility="N")))
    assert right < 300
    assert bottom < 200
    assert right > 290


@pytest.mark.parametrize(("visible", "seen"), [("Y", True), ("N", False)])
def test_a_visible_anchor_has_a_line_to_it(visible: str, seen: bool) -> None:
    box = in_box(20, 20, 100, 40, AnchorPoint=[100.5, 150.5], AnchorPointVisibility=visible)
    shown = written(text(**box))
    assert (shown[45:150, 98:103].max(axis=1) > 100).all() == seen


def test_text_in_units_of_the_display_is_where_the_display_is() -> None:
    box = in_box(0.5, 0.5, 1.0, 0.6)
    left, top, _, _ = extent(
        written(text(units="DISPLAY", **box), DisplayedAreaSelectionSequence=[area((101, 1), (300, 200))])
    )
    assert 100 <= left < 110
    assert 100 <= top < 120


def test_text_has_an_outline_that_is_seen_on_any_ground() -> None:
    white, black = (written(text(**in_box(50, 60, 250, 90)), gray=gray) for gray in (0xFFFF, 0))
    for shown in (white, black):
        assert shown.min() == 0
        assert shown.max() == 255
    assert not np.array_equal(white, black)


def test_text_has_the_color_of_its_style() -> None:
    styled = text(**in_box(50, 60, 250, 90), TextStyleSequence=[item(TextColorCIELabValue=[35579, 53665, 50858])])
    shown = written(styled).astype(int)
    assert (np.abs(shown - (255, 0, 0)).max(axis=-1) <= 3).any()


def test_text_may_lie_beside_the_image_and_may_be_empty() -> None:
    assert np.array_equal(written(text(**in_box(1000, 1000, 1100, 1020))), GRAY)
    assert np.array_equal(written(text(**in_box(-500, -100, -400, -80))), GRAY)
    assert np.array_equal(written(text(**in_box(-1e38, -1e38, 1e38, 1e38))), GRAY)
    assert np.array_equal(written(text("\r\n ", **in_box(10, 10, 50, 20))), GRAY)
    assert np.array_equal(written(text()), GRAY)
    assert not np.array_equal(written(text("Across the edge", **in_box(-40, 10, 60, 40))), GRAY)


def test_text_is_as_large_as_the_display_is() -> None:
    state = state_of(TARGET, GraphicAnnotationSequence=[annotation(texts=[text(AnchorPoint=[20, 20])])])
    small, large = (extent(presented(TARGET, state, 1, Viewport(side))) for side in (600, 1200))
    assert (large[3] - large[1]) / (small[3] - small[1]) == pytest.approx(2, abs=0.3)
