"""What a presentation state says of gray, instead of the image."""

from typing import Any

import numpy as np
import pytest

from archive.dicom.errors import NotRenderable
from tests.archive.dicom.rendering.presentation.states import (
    COLOR,
    PSEUDO_COLOR,
    image,
    presented,
    reference,
    state_of,
)
from tests.archive.dicom.rendering.shown import item, lut

RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8)
BYTES = np.arange(0, 256, 4, dtype=np.uint8).reshape(8, 8)


def windowed(low: float, high: float, values: np.ndarray = RAMP) -> np.ndarray:
    """Black at `low`, white at `high`, by hand."""
    return np.rint(np.clip((values.astype(float) - low) / (high - low), 0, 1) * 255).astype(np.uint8)


def test_what_the_presentation_state_does_not_have_is_identity_whatever_the_image_has() -> None:
    target = image(RAMP << 8, WindowCenter="10", WindowWidth="5", RescaleSlope="-1", RescaleIntercept="100")
    assert np.array_equal(presented(target, state_of(target)), windowed(0, 65535, RAMP << 8))


def test_the_modality_lut_replaces_that_of_the_image() -> None:
    target = image(RAMP, RescaleSlope="7", RescaleIntercept="7")
    state = state_of(
        target,
        RescaleSlope="2",
        RescaleIntercept="-10",
        RescaleType="HU",
        SoftcopyVOILUTSequence=[item(WindowCenter="50", WindowWidth="100")],
    )
    assert np.array_equal(presented(target, state), windowed(0, 99, RAMP.astype(int) * 2 - 10))


def test_a_table_of_the_modality_has_its_whole_range_without_a_voi_lut() -> None:
    target = image(RAMP)
    table = lut((np.arange(64) ** 2).astype(np.uint16), 0, 12, ModalityLUTType="US")
    state = state_of(target, ModalityLUTSequence=[table])
    assert np.array_equal(presented(target, state), windowed(0, 4095, RAMP.astype(int) ** 2))


def test_a_window_is_for_the_frames_that_it_names() -> None:
    target = image(np.stack((RAMP, RAMP, RAMP)))
    named = item(WindowCenter="16.5", WindowWidth="33", ReferencedImageSequence=[reference(target, 2)])
    other = item(WindowCenter="32.5", WindowWidth="65", ReferencedImageSequence=[reference(target, 1)])
    state = state_of(target, SoftcopyVOILUTSequence=[named, other])
    assert np.array_equal(presented(target, state, 1), windowed(0, 64))
    assert np.array_equal(presented(target, state, 2), windowed(0, 32))
    assert np.array_equal(presented(target, state, 3), windowed(0, 65535))


def test_a_voi_table_is_applied() -> None:
    target = image(RAMP)
    entries = np.random.default_rng(1).integers(0, 1024, 64).astype(np.uint16)
    state = state_of(target, SoftcopyVOILUTSequence=[item(VOILUTSequence=[lut(entries, 0, 10)])])
    assert np.array_equal(presented(target, state), np.rint(entries[RAMP] / 1023 * 255))


@pytest.mark.parametrize("color", ["MONOCHROME1", "MONOCHROME2"])
def test_the_polarity_is_that_of_the_presentation_lut_alone(color: str) -> None:
    target = image(BYTES, PhotometricInterpretation=color)
    assert np.array_equal(presented(target, state_of(target)), BYTES)
    assert np.array_equal(presented(target, state_of(target, PresentationLUTShape="INVERSE")), 255 - BYTES)


def test_a_presentation_table_has_the_range_of_the_window() -> None:
    target = image(RAMP)
    entries = (4095 - np.arange(64) ** 2).astype(np.uint16)
    state = state_of(
        target,
        SoftcopyVOILUTSequence=[item(WindowCenter="32", WindowWidth="64")],
        PresentationLUTSequence=[lut(entries, 0, 12)],
    )
    del state.PresentationLUTShape
    assert np.array_equal(presented(target, state), np.rint(entries[RAMP] / 4095 * 255))


def test_padding_of_the_image_is_black() -> None:
    target = image(BYTES, PixelPaddingValue=int(BYTES[2, 3]))
    shown = presented(target, state_of(target, PresentationLUTShape="INVERSE"))
    assert shown[2, 3] == 0
    assert shown[0, 0] == 255


# -- colors ----------------------------------------------------------------------


def palette(**elements: Any) -> dict[str, Any]:
    """Red goes up, green goes down, blue is 7."""
    ramp = np.arange(0, 256, 17, dtype=np.uint8)
    tables = {"Red": ramp, "Green": ramp[::-1], "Blue": np.full(16, 7, np.uint8)}
    described: dict[str, Any] = {}
    for color, table in tables.items():
        described[f"{color}PaletteColorLookupTableDescriptor"] = [16, 0, 8]
        described[f"{color}PaletteColorLookupTableData"] = table.astype("<u2").tobytes()
    return described | elements


def test_pseudo_color_has_the_palette_of_the_presentation_state() -> None:
    target = image(BYTES)
    shown = presented(target, state_of(target, sop_class=PSEUDO_COLOR, **palette()))
    place = np.rint(BYTES / 255 * 15).astype(int)
    assert np.array_equal(shown, np.stack((place * 17, 255 - place * 17, np.full_like(place, 7)), axis=-1))


def test_pseudo_color_is_of_what_the_window_shows() -> None:
    target = image(RAMP)
    window = item(WindowCenter="32", WindowWidth="64")
    shown = presented(target, state_of(target, sop_class=PSEUDO_COLOR, SoftcopyVOILUTSequence=[window], **palette()))
    assert np.array_equal(shown[..., 0], np.rint(RAMP / 63 * 15) * 17)


def test_colors_of_an_image_stay() -> None:
    colors = np.random.default_rng(2).integers(0, 256, (8, 8, 3), np.uint8)
    target = image(colors)
    assert np.array_equal(presented(target, state_of(target, sop_class=COLOR)), colors)
    assert np.array_equal(presented(target, state_of(target)), colors)


def test_presentation_states_of_other_pixels_are_refused() -> None:
    colors, gray = image(np.zeros((8, 8, 3), np.uint8)), image(BYTES)
    with pytest.raises(NotRenderable, match="not for images that are MONOCHROME2"):
        presented(gray, state_of(gray, sop_class=COLOR))
    with pytest.raises(NotRenderable, match="not for images that are RGB"):
        presented(colors, state_of(colors, sop_class=PSEUDO_COLOR, **palette()))
    with pytest.raises(NotRenderable, match="00281101"):
        presented(gray, state_of(gray, sop_class=PSEUDO_COLOR))
