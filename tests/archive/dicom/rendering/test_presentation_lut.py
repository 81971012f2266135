"""Presentation LUTs that images have themselves."""

import numpy as np
import pytest

from tests.archive.dicom.rendering.shown import lut, shown_instance

RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8)
WINDOW = {"WindowCenter": "32", "WindowWidth": "64"}


@pytest.mark.parametrize("color", ["MONOCHROME1", "MONOCHROME2"])
def test_a_table_of_the_image_is_applied_after_its_window_and_says_all_of_its_polarity(color: str) -> None:
    entries = (np.arange(64) ** 2).astype(np.uint16)
    image = shown_instance(
        PixelData=RAMP.tobytes(),
        PhotometricInterpretation=color,
        PresentationLUTSequence=[lut(entries, 0, 12)],
        **WINDOW,
    )
    assert np.array_equal(image, np.rint(entries[RAMP] / 4095 * 255))


def test_the_ends_of_a_table_are_those_of_the_window() -> None:
    entries = np.array([1023, 0, 512], np.uint16)
    image = shown_instance(PixelData=RAMP.tobytes(), PresentationLUTSequence=[lut(entries, 0, 10)], **WINDOW)
    assert image[0, 0] == 255
    assert image[-1, -1] == 128
    assert image[4, 0] == 0
