"""Frames minus frames."""

from typing import Any

import numpy as np
import pytest

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.presentation.presented import render
from tests.archive.dicom.rendering.presentation.states import image, opened, presented, state_of
from tests.archive.dicom.rendering.shown import attributes_in, item, native_frame
from tests.builders import part10

FRAMES = np.random.default_rng(5).integers(0, 100, (5, 6, 7), np.uint16)
TARGET = image(FRAMES)
#: From -100 to 100: a difference of 0 is in the middle.
WINDOW = item(WindowCenter="0", WindowWidth="200", VOILUTFunction="LINEAR_EXACT")


def subtracted(number: int, *items: Any, target: Any = TARGET, **elements: Any) -> np.ndarray:
    state = state_of(target, MaskSubtractionSequence=list(items), SoftcopyVOILUTSequence=[WINDOW], **elements)
    return presented(target, state, number)


def shown(difference: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(difference / 200 + 0.5, 0, 1) * 255).astype(np.uint8)


VALUES = FRAMES.astype(float)


def test_the_mean_of_the_mask_is_subtracted() -> None:
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1, 2])
    assert np.array_equal(subtracted(4, mask), shown(VALUES[3] - (VALUES[0] + VALUES[1]) / 2))
    assert np.array_equal(subtracted(1, item(MaskOperation="AVG_SUB", MaskFrameNumbers=1)), shown(VALUES[0] * 0))


def test_frames_with_contrast_are_averaged_as_far_as_there_are_any() -> None:
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=1, ContrastFrameAveraging=3)
    assert np.array_equal(subtracted(2, mask), shown(VALUES[1:4].mean(axis=0) - VALUES[0]))
    assert np.array_equal(subtracted(5, mask), shown(VALUES[4] - VALUES[0]))


def test_a_mask_is_for_a_range_of_frames() -> None:
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=1, ApplicableFrameRange=[2, 3, 5, 5])
    later = item(MaskOperation="AVG_SUB", MaskFrameNumbers=2, ApplicableFrameRange=[4, 5])
    assert np.array_equal(subtracted(3, mask, later), shown(VALUES[2] - VALUES[0]))
    assert np.array_equal(subtracted(4, mask, later), shown(VALUES[3] - VALUES[1]))
    assert np.array_equal(subtracted(5, mask, later), shown(VALUES[4] - VALUES[0]))
    assert np.array_equal(subtracted(1, mask, later), shown(VALUES[0]))


@pytest.mark.parametrize(("offset", "number", "mask"), [(1, 3, 2), (2, 5, 3), (None, 2, 1), (2, 1, 1), (-1, 2, 3)])
def test_in_time_interval_differencing_an_earlier_frame_is_subtracted(
    offset: int | None, number: int, mask: int
) -> None:
    shown_frame = subtracted(number, item(MaskOperation="TID", TIDOffset=offset))
    assert np.array_equal(shown_frame, shown(VALUES[number - 1] - VALUES[mask - 1]))


@pytest.mark.parametrize(
    ("shift", "moved"),
    [
        ((1.0, 0.0), lambda mask: np.vstack((mask[:1], mask[:-1]))),
        ((0.0, 1.0), lambda mask: np.hstack((mask[:, 1:], mask[:, -1:]))),
        ((0.5, 0.0), lambda mask: (mask + np.vstack((mask[:1], mask[:-1]))) / 2),
        ((-2.0, -1.0), lambda mask: np.pad(mask, ((0, 2), (1, 0)), mode="edge")[2:, :-1]),
    ],
)
def test_a_mask_is_shifted_down_and_to_the_left(shift: tuple[float, float], moved: Any) -> None:
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=1, MaskSubPixelShift=list(shift))
    assert np.array_equal(subtracted(3, mask), shown(VALUES[2] - moved(VALUES[0])))


def test_the_modality_lut_goes_before_the_subtraction() -> None:
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=1)
    rescaled = subtracted(2, mask, RescaleSlope="0.5", RescaleIntercept="9", RescaleType="US")
    assert np.array_equal(rescaled, shown((VALUES[1] - VALUES[0]) / 2))


def test_without_a_window_no_difference_is_in_the_middle_of_all_that_there_may_be() -> None:
    target = image(FRAMES.astype(np.uint8))
    state = state_of(target, MaskSubtractionSequence=[item(MaskOperation="AVG_SUB", MaskFrameNumbers=1)])
    expected = np.rint((VALUES[1] - VALUES[0] + 255) / 510 * 255)
    assert np.array_equal(presented(target, state, 2), expected)


@pytest.mark.parametrize("elements", [{"RecommendedViewingMode": "NAT"}, {}])
def test_what_is_to_be_seen_as_it_is_is_not_subtracted(elements: dict[str, Any]) -> None:
    operation = "AVG_SUB" if elements else "NONE"
    assert np.array_equal(
        subtracted(2, item(MaskOperation=operation, MaskFrameNumbers=1), **elements), shown(VALUES[1])
    )


def test_the_mask_of_the_image_is_not_that_of_the_presentation_state() -> None:
    target = image(FRAMES, MaskSubtractionSequence=[item(MaskOperation="AVG_SUB", MaskFrameNumbers=1)])
    assert np.array_equal(subtracted(2, target=target), shown(VALUES[1]))


def test_the_frames_that_are_needed_are_known_beforehand() -> None:
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1, 3], ContrastFrameAveraging=2)
    state, described = opened(state_of(TARGET, MaskSubtractionSequence=[mask])), attributes_in(part10(TARGET))
    assert state.others(described, 3) == {1, 4}
    frame, pixels = native_frame(part10(TARGET), 3)
    with pytest.raises(NotRenderable, match=r"Frames \[1, 4\] are needed"):
        render(frame, pixels, described, 3, state)


def test_frames_that_are_linear_to_intensity_are_subtracted_by_a_modality_lut_only() -> None:
    target, mask = image(FRAMES, PixelIntensityRelationship="LIN"), item(MaskOperation="AVG_SUB", MaskFrameNumbers=1)
    with pytest.raises(NotRenderable, match="linear to X-ray intensity"):
        subtracted(2, mask, target=target)
    assert subtracted(2, mask, target=target, RescaleSlope="1", RescaleIntercept="0", RescaleType="US").any()


@pytest.mark.parametrize(
    "mask",
    [
        item(MaskOperation="REV_TID", TIDOffset=1),
        item(MaskOperation="AVG_SUB", MaskFrameNumbers=9),
        item(MaskOperation="AVG_SUB"),
        item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1] * 65),
    ],
)
def test_other_masks_are_refused(mask: Any) -> None:
    with pytest.raises(NotRenderable, match="0028,61"):
        subtracted(2, mask)
