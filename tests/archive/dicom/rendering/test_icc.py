"""ICC profiles of images and of what is rendered, against pydicom, which asks LittleCMS too."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.pixels import apply_icc_profile

from archive.dicom.rendering import encoders
from archive.dicom.rendering.icc import LARGEST_PROFILE, convert, profile_of
from archive.dicom.rendering.rgb_profiles import ADOBE_RGB, ROMM_RGB, SRGB
from tests.archive.dicom.rendering.built import noise, opened, smooth
from tests.archive.dicom.rendering.shown import attributes, attributes_in, item
from tests.builders import instance, part10

#: Of others: how Adobe RGB and sRGB are described does not have to be the same bytes.
ADOBE_RGB_OF_LITTLECMS, SRGB_OF_LITTLECMS = imagecodecs.cms_profile("adobergb"), imagecodecs.cms_profile("srgb")

COLORS, GRAYS = smooth(16, 24, color=True), smooth(16, 24)


# -- of an image -----------------------------------------------------------------


def described(**elements: Any) -> Any:
    return attributes_in(part10(instance(**elements)))


def path(identifier: str, profile: bytes | None = None, **elements: Any) -> Any:
    given = {"ICCProfile": profile} if profile else {}
    return item(OpticalPathIdentifier=identifier, **given, **elements)


def frame(identifier: str) -> Any:
    return item(OpticalPathIdentificationSequence=[item(OpticalPathIdentifier=identifier)])


def test_WADO_96_the_profile_of_an_image_is_in_its_data_set() -> None:
    assert profile_of(described(ICCProfile=ADOBE_RGB)) == ADOBE_RGB
    assert profile_of(described()) is None


def test_WADO_96_a_whole_slide_image_has_the_profile_of_the_optical_path_of_its_frame() -> None:
    paths = [path("1", SRGB), path("2", ADOBE_RGB)]
    found = described(
        OpticalPathSequence=paths, NumberOfFrames=2, PerFrameFunctionalGroupsSequence=[frame("2"), frame("1")]
    )
    assert profile_of(found, 1) == ADOBE_RGB
    assert profile_of(found, 2) == SRGB
    shared = described(OpticalPathSequence=paths, SharedFunctionalGroupsSequence=[frame("2")])
    assert profile_of(shared, 7) == ADOBE_RGB


def test_WADO_96_a_frame_that_names_no_optical_path_has_the_first() -> None:
    assert profile_of(described(OpticalPathSequence=[path("1", ADOBE_RGB), path("2", SRGB)])) == ADOBE_RGB


@pytest.mark.parametrize(
    ("name", "profile"), [("SRGB", SRGB), ("ADOBERGB", ADOBE_RGB), ("ROMMRGB", ROMM_RGB), ("DISPLAYP3", None)]
)
def test_WADO_96_a_color_space_may_be_named_without_a_profile(name: str, profile: bytes | None) -> None:
    assert profile_of(described(ColorSpace=name)) == profile
    assert profile_of(described(OpticalPathSequence=[path("1", ColorSpace=name)])) == profile
    assert profile_of(described(ColorSpace=name, ICCProfile=ADOBE_RGB)) == ADOBE_RGB


def test_a_profile_that_is_no_profile_is_none() -> None:
    assert profile_of(attributes({"00282000": {"vr": "LO", "Value": ["no profile"]}})) is None
    assert profile_of(attributes({"00480105": {"vr": "OB"}})) is None


# -- of what is rendered ---------------------------------------------------------


@pytest.mark.parametrize("wanted", [None, "no"])
def test_WADO_87_colors_are_those_of_srgb_where_no_profile_says_otherwise(wanted: str | None) -> None:
    image, embedded = convert(COLORS, ADOBE_RGB_OF_LITTLECMS, wanted)
    theirs = apply_icc_profile(COLORS.copy(), instance(ICCProfile=ADOBE_RGB_OF_LITTLECMS))
    assert embedded is None
    assert np.abs(image.astype(int) - theirs).max() <= 1
    assert np.abs(image.astype(int) - COLORS).max() > 10


def test_WADO_96_the_own_profile_of_an_image_is_embedded_and_its_colors_are_as_they_are() -> None:
    image, embedded = convert(COLORS, ADOBE_RGB_OF_LITTLECMS, "yes")
    assert embedded == ADOBE_RGB_OF_LITTLECMS
    assert image is COLORS


@pytest.mark.parametrize(("wanted", "profile"), [("yes", SRGB), ("srgb", SRGB)])
def test_WADO_96_an_image_without_a_profile_is_srgb(wanted: str, profile: bytes) -> None:
    image, embedded = convert(COLORS, None, wanted)
    assert embedded == profile
    assert image is COLORS


@pytest.mark.parametrize("source", [None, ADOBE_RGB_OF_LITTLECMS, ROMM_RGB])
@pytest.mark.parametrize(("wanted", "profile"), [("srgb", SRGB), ("adobergb", ADOBE_RGB), ("rommrgb", ROMM_RGB)])
def test_WADO_96_colors_look_the_same_in_the_space_that_is_asked_for(
    source: bytes | None, wanted: str, profile: bytes
) -> None:
    """Which is to say that in sRGB they are the same."""
    image, embedded = convert(COLORS, source, wanted)
    assert embedded == profile
    straight, _ = convert(COLORS, source, None)
    assert np.abs(convert(image, embedded, None)[0].astype(int) - straight).mean() < 1.5


@pytest.mark.parametrize("size", [16, 256])
def test_a_profile_of_srgb_in_other_bytes_changes_nothing(size: int) -> None:
    image = noise(size, size, color=True)
    assert convert(image, SRGB_OF_LITTLECMS, None)[0] is image


@pytest.mark.parametrize("wanted", [None, "no"])
def test_WADO_96_grays_stay_gray(wanted: str | None) -> None:
    assert convert(GRAYS, ADOBE_RGB, wanted) == (GRAYS, None)


@pytest.mark.parametrize(("wanted", "profile"), [("yes", SRGB), ("srgb", SRGB), ("adobergb", ADOBE_RGB)])
def test_WADO_96_grays_with_a_profile_are_gray_in_rgb(wanted: str, profile: bytes) -> None:
    """Whatever profile a data set has in addition: it is none of grays."""
    image, embedded = convert(GRAYS, ADOBE_RGB_OF_LITTLECMS, wanted)
    assert embedded == profile
    assert image.shape == (*GRAYS.shape, 3)
    assert np.ptp(image, axis=-1).max() <= 1
    assert np.abs(convert(image, embedded, None)[0][..., 0].astype(int) - GRAYS).max() <= 2
    if profile == SRGB:
        assert np.array_equal(image[..., 1], GRAYS)


@pytest.mark.parametrize("wanted", ["yes", "srgb", "adobergb", "rommrgb"])
@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
def test_WADO_96_images_carry_the_profile_that_is_asked_for(media_type: str, wanted: str) -> None:
    for raster in (COLORS, GRAYS):
        image, embedded = convert(raster, None, wanted)
        file = opened(encoders.encode(image, media_type, icc_profile=embedded))
        assert file.info["icc_profile"] == embedded
        assert file.mode == "RGB"


# -- hostile profiles --------------------------------------------------------------

NO_RGB = {
    "nothing": b"",
    "cut off in its header": ADOBE_RGB[:100],
    "cut off in its table": ADOBE_RGB[:140],
    "its header alone": ADOBE_RGB[:128] + bytes(4),
    "no signature": ADOBE_RGB[:36] + b"ACSP" + ADOBE_RGB[40:],
    "gigantic": ADOBE_RGB + bytes(LARGEST_PROFILE),
    "of grays": imagecodecs.cms_profile("gray"),
    "of XYZ": imagecodecs.cms_profile("xyz"),
    "of CMYK": ADOBE_RGB[:16] + b"CMYK" + ADOBE_RGB[20:],
    "of Lab": ADOBE_RGB[:16] + b"Lab " + ADOBE_RGB[20:],
    "of seven channels": ADOBE_RGB[:16] + b"7CLR" + ADOBE_RGB[20:],
    "a device link": ADOBE_RGB[:12] + b"link" + ADOBE_RGB[16:],
    "connected through CMYK": ADOBE_RGB[:20] + b"CMYK" + ADOBE_RGB[24:],
    "without a curve": ADOBE_RGB.replace(b"gTRC", b"xTRC"),
    "no profile": b"\xff\xd8\xff" * 1000,
}


@pytest.mark.parametrize("profile", NO_RGB.values(), ids=NO_RGB)
def test_a_profile_that_is_of_no_use_is_taken_for_srgb(profile: bytes) -> None:
    assert convert(COLORS, profile, None) == (COLORS, None)
    image, embedded = convert(COLORS, profile, "yes")
    assert image is COLORS
    assert embedded == SRGB


@given(
    profile=st.sampled_from((ADOBE_RGB_OF_LITTLECMS, ROMM_RGB)),
    places=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=6),
    length=st.integers(0, 900),
    wanted=st.sampled_from((None, "yes", "adobergb")),
)
def test_a_damaged_profile_converts_or_is_left_out(
    profile: bytes, places: list[tuple[int, int]], length: int, wanted: str | None
) -> None:
    damaged = bytearray(profile)
    for place, byte in places:
        damaged[place % len(damaged)] = byte
    image, embedded = convert(COLORS, bytes(damaged[:length] if length > 128 else damaged), wanted)
    assert image.shape == COLORS.shape
    assert image.dtype == np.uint8
    assert (embedded is None) == (wanted is None)
