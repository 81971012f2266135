"""The profiles of named color spaces, as LittleCMS reads them, against what their standards say."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from archive.dicom.rendering.rgb_profiles import ADOBE_RGB, ROMM_RGB, SRGB

PROFILES = {"srgb": SRGB, "adobergb": ADOBE_RGB, "rommrgb": ROMM_RGB}

#: XYZ under D50 of red, green and blue light, as tables of color spaces print them.
COLORANTS = {
    "srgb": ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
    "adobergb": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    "rommrgb": ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
}


def light(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From values of 0 to 1 to light, as IEC 61966-2-1, IEC 61966-2-5 and ISO 22028-2 have it."""
    match name:
        case "srgb":
            return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        case "adobergb":
            return values ** (563 / 256)
    return np.where(values < 1 / 32, values / 16, values**1.8)


def read(profile: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(BytesIO(profile))


def converted(colors: NDArray[np.uint8], source: bytes, target: bytes) -> NDArray[np.uint8]:
    """By LittleCMS itself."""
    return np.asarray(ImageCms.profileToProfile(Image.fromarray(colors), read(source), read(target)))


@pytest.mark.parametrize("name", PROFILES)
def test_WADO_96_a_profile_has_the_colors_of_its_space(name: str) -> None:
    found = read(PROFILES[name]).profile
    colorants = found.red_colorant, found.green_colorant, found.blue_colorant
    assert np.allclose([xyz for xyz, _ in colorants], COLORANTS[name], atol=0.0002)
    assert found.xcolor_space.strip() == "RGB"
    assert np.allclose(found.media_white_point[0], (0.9642, 1, 0.8249), atol=0.0001)


@pytest.mark.parametrize("name", PROFILES)
def test_WADO_96_a_profile_has_the_curve_of_its_space(name: str) -> None:
    """The grays of a space are those that give the same light in it as others do in sRGB."""
    grays = np.arange(256, dtype=np.uint8)
    image = converted(np.repeat(grays[None, :, None], 3, axis=-1), PROFILES[name], SRGB)[0, :, 0]
    lights = light(name, grays / 255), light("srgb", image / 255)
    step = np.gradient(light("srgb", grays / 255))[image]
    assert (np.abs(lights[0] - lights[1]) <= step).all()


def test_WADO_96_profiles_are_named_and_small() -> None:
    names = {ImageCms.getProfileName(read(profile)).partition(" - ")[0].strip() for profile in PROFILES.values()}
    assert names == {"sRGB", "Compatible with Adobe RGB (1998)", "ROMM RGB"}
    assert all(len(profile) < 1024 for profile in PROFILES.values())


@pytest.mark.parametrize("name", PROFILES)
def test_WADO_96_a_profile_is_laid_out_as_its_header_says(name: str) -> None:
    profile = PROFILES[name]
    assert int.from_bytes(profile[:4]) == len(profile)
    assert profile[12:24] == b"mntrRGB XYZ "
    for entry in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12):
        offset, length = int.from_bytes(profile[entry + 4 : entry + 8]), int.from_bytes(profile[entry + 8 : entry + 12])
        assert offset % 4 == 0
        assert offset + length <= len(profile)


def test_WADO_96_the_grays_of_a_space_are_grays_in_another() -> None:
    grays = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=-1)
    for source in PROFILES.values():
        for target in PROFILES.values():
            assert np.ptp(converted(grays, source, target).astype(int), axis=-1).max() <= 1


def test_WADO_96_the_brightest_colors_of_srgb_have_their_known_places_in_adobe_rgb() -> None:
    colors = np.array([[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]], np.uint8)
    known = np.array([[(219, 0, 0), (144, 255, 60), (0, 0, 250), (255, 255, 255)]])
    assert np.abs(converted(colors, SRGB, ADOBE_RGB) - known).max() <= 1
