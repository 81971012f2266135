"""The colors of presentation states, against those of Pillow's color management."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from archive.dicom.rendering.presentation.inks import ink, is_neutral, of_cielab
from tests.archive.dicom.rendering.shown import attributes

TO_LAB = ImageCms.buildTransform(
    ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB", ImageCms.Intent.RELATIVE_COLORIMETRIC
)


def encoded(color: tuple[int, int, int]) -> list[int]:
    """A color of sRGB as DICOM writes it, by LittleCMS, which gives 8 bits."""
    lab = ImageCms.applyTransform(Image.new("RGB", (1, 1), color), TO_LAB)
    assert lab is not None
    return [257 * value for value in lab.getpixel((0, 0))]


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_color_of_cielab_is_the_one_of_srgb_that_it_is_made_of(color: tuple[int, int, int]) -> None:
    """Eight bits of CIELab tell some dark colors no better apart."""
    assert np.abs(np.subtract(of_cielab(*encoded(color)), color)).max() <= 24


@pytest.mark.parametrize(
    ("cielab", "color"),
    [
        ((0, 0x8080, 0x8080), (0, 0, 0)),
        ((0xFFFF, 0x8080, 0x8080), (255, 255, 255)),
        ((35579, 53665, 50858), (255, 0, 0)),
        ((57552, 12523, 53710), (0, 255, 0)),
        ((19379, 50449, 4104), (0, 0, 255)),
    ],
)
def test_primaries_are_what_they_are(cielab: tuple[int, int, int], color: tuple[int, int, int]) -> None:
    assert np.abs(np.subtract(of_cielab(*cielab), color)).max() <= 3


@given(st.integers(0, 0xFFFF))
def test_without_chroma_colors_are_neutral(lightness: int) -> None:
    red, green, blue = of_cielab(lightness, 0x8080, 0x8080)
    assert max(red, green, blue) - min(red, green, blue) <= 1


def test_cielab_goes_before_p_values_and_what_makes_no_sense_is_left_out() -> None:
    gray = {"00000001": {"vr": "US", "Value": [0x8000]}}
    lab = {"00000002": {"vr": "US", "Value": [0xFFFF, 0x8080, 0x8080]}}
    broken = {"00000002": {"vr": "US", "Value": [1, 2]}}

    def found(data_set: dict) -> tuple[int, int, int] | None:
        return ink(attributes(data_set), gray="00000001", cielab="00000002")

    assert found(gray) == (128, 128, 128)
    assert found(gray | lab) == (255, 255, 255)
    assert found(gray | broken) == (128, 128, 128)
    assert found({}) is None
    assert is_neutral((3, 3, 3))
    assert not is_neutral((3, 4, 3))
