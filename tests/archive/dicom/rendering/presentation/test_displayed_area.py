"""Which part is displayed, how large, and what lies beside the image."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.errors import NotRenderable, UnusableViewport
from archive.dicom.rendering.presentation.displayed_area import Display, DisplayedArea
from archive.dicom.rendering.presentation.spatial_transformation import SpatialTransformation
from archive.dicom.rendering.viewport import LARGEST, WHOLE, Viewport
from tests.archive.dicom.rendering.built import smooth
from tests.archive.dicom.rendering.presentation.states import area, image, presented, reference, state_of

VALUES = np.arange(60, dtype=np.uint8).reshape(6, 10)
TARGET = image(VALUES)


def displayed(*items: Any, viewport: Viewport = WHOLE, **elements: Any) -> np.ndarray:
    return presented(TARGET, state_of(TARGET, DisplayedAreaSelectionSequence=list(items), **elements), 1, viewport)


def test_without_an_area_all_of_the_image_is_displayed() -> None:
    assert np.array_equal(displayed(), VALUES)


def test_corners_are_column_and_row_from_1_and_both_are_displayed() -> None:
    assert np.array_equal(displayed(area((3, 2), (7, 4))), VALUES[1:4, 2:7])
    assert np.array_equal(displayed(area((10, 6), (10, 6))), VALUES[5:, 9:])


def test_corners_are_those_of_the_image_as_it_is_stored() -> None:
    """Turned by half, the top left pixel that is displayed is the bottom right one of the image."""
    shown = displayed(area((7, 4), (3, 2)), ImageRotation=180)
    assert np.array_equal(shown, VALUES[1:4, 2:7][::-1, ::-1])


def test_beside_the_image_is_black() -> None:
    shown = displayed(area((-1, 0), (12, 7)))
    expected = np.zeros((8, 14), np.uint8)
    expected[1:7, 2:12] = VALUES
    assert np.array_equal(shown, expected)
    assert not displayed(area((20, 20), (25, 23))).any()
    assert displayed(area((20, 20), (25, 23))).shape == (4, 6)


def test_the_area_of_this_image_goes_before_that_of_all() -> None:
    own = area((2, 2), (3, 3), ReferencedImageSequence=[reference(TARGET)])
    assert np.array_equal(displayed(area((1, 1), (10, 6)), own), VALUES[1:3, 1:3])


def test_magnified_the_image_has_so_many_pixels_for_one() -> None:
    ratio = {"PresentationSizeMode": "MAGNIFY", "PresentationPixelMagnificationRatio": 3.0}
    assert displayed(area((1, 1), (10, 6), **ratio)).shape == (18, 30)
    assert displayed(area((1, 1), (10, 6), **ratio), viewport=Viewport(20, 20)).shape == (12, 20)


def test_true_size_is_not_known_to_a_server_and_is_pixel_by_pixel() -> None:
    true_size = {"PresentationSizeMode": "TRUE SIZE", "PresentationPixelSpacing": ["0.5", "0.5"]}
    assert np.array_equal(displayed(area((1, 1), (10, 6), **true_size)), VALUES)


@pytest.mark.parametrize(
    ("elements", "rotation", "shape"),
    [
        ({"PresentationPixelAspectRatio": [2, 1]}, 0, (12, 10)),
        ({"PresentationPixelAspectRatio": [1, 2]}, 0, (6, 20)),
        ({"PresentationPixelAspectRatio": [2, 1]}, 90, (10, 12)),
        ({"PresentationPixelAspectRatio": None, "PresentationPixelSpacing": ["0.6", "0.2"]}, 0, (18, 10)),
        ({"PresentationPixelAspectRatio": [0, 1]}, 0, (6, 10)),
    ],
)
def test_pixels_become_square_and_none_is_lost(elements: dict[str, Any], rotation: int, shape: tuple[int, int]) -> None:
    given = {"PresentationPixelAspectRatio": elements.get("PresentationPixelAspectRatio")} | elements
    item = area((1, 1), (10, 6))
    for keyword, value in given.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    assert displayed(item, ImageRotation=rotation).shape == shape


@pytest.mark.parametrize(
    ("viewport", "shape"), [(Viewport(100), (60, 100)), (Viewport(None, 30), (30, 50)), (Viewport(5, 5), (3, 5))]
)
def test_the_area_is_fitted_into_the_viewport(viewport: Viewport, shape: tuple[int, int]) -> None:
    assert displayed(viewport=viewport).shape == shape


def test_scaled_the_image_lies_where_it_lies_unscaled() -> None:
    values = smooth(64, 48)
    target = image(values)
    state = state_of(target, DisplayedAreaSelectionSequence=[area((-15, -15), (64, 80))])
    shown = presented(target, state, 1, Viewport(160, 192))
    assert shown.shape == (192, 160)
    assert not shown[:30].any()
    assert not shown[:, :30].any()
    again = shown[32:160:2, 32:128:2].astype(int)
    assert np.abs(again - values).max() < 12


def test_areas_without_corners_or_of_whole_slides_are_refused() -> None:
    broken = area((1, 1), (10, 6))
    broken.DisplayedAreaTopLeftHandCorner = [1]
    with pytest.raises(NotRenderable, match="0070,0052"):
        displayed(broken)
    with pytest.raises(NotRenderable, match="0048,0301"):
        displayed(area((1, 1), (10, 6), PixelOriginInterpretation="VOLUME"))


def test_a_client_cannot_have_more_pixels_than_there_is_room_for() -> None:
    with pytest.raises(UnusableViewport):
        displayed(viewport=Viewport(10**6))


CORNERS = st.integers(-(1 << 31), (1 << 31) - 1)


@given(CORNERS, CORNERS, CORNERS, CORNERS, st.floats(0.001, 1000), st.none() | st.floats(1e-30, 1e30))
def test_no_presentation_state_has_more_pixels_than_there_is_room_for(
    left: int, top: int, right: int, bottom: int, aspect: float, magnification: float | None
) -> None:
    (left, right), (top, bottom) = sorted((left, right)), sorted((top, bottom))
    selected = DisplayedArea(left - 1, top - 1, right, bottom, aspect, magnification)
    display = Display.of(selected, SpatialTransformation(1), WHOLE, columns=10, rows=6)
    assert 1 <= display.width * display.height <= LARGEST * 1.01
