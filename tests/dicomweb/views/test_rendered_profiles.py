"""Rendered images with the ICC profile that is asked for (PS3.18 Section 8.3.5.1.5)."""

from io import BytesIO

import numpy as np
import pytest
from django.http import HttpResponse
from PIL import ImageCms

from archive.dicom.rendering.rgb_profiles import ADOBE_RGB
from tests.dicomweb.pictures import GIF, JPEG, PNG, SIDE, WEBP, get, image, opened, patches, refused, related, seen

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["", "sRGB", "p3", "yes,no"])
def test_WADO_96_a_profile_that_there_is_not_is_400(archive, name):
    assert refused(get(archive, f"{image(patches()).path}/rendered", PNG, iccprofile=name), "iccprofile")


@pytest.mark.parametrize("name", ["yes", "srgb", "adobergb", "rommrgb"])
def test_WADO_96_a_type_that_has_no_room_for_a_profile_is_400(archive, name):
    for accept in (GIF, related(GIF)):
        assert refused(get(archive, f"{image(patches()).path}/rendered", accept, iccprofile=name), "iccprofile")


def test_WADO_96_no_profile_is_possible_for_every_type(archive):
    for media_type in (JPEG, PNG, GIF, WEBP):
        response = get(archive, f"{image(patches()).path}/rendered", media_type, iccprofile="no")
        assert seen(response).shape[:2] == (2 * SIDE, 2 * SIDE)


def profile_in(response: HttpResponse) -> str | None:
    """How the profile calls itself that is embedded in an image."""
    profile = opened(response.getvalue()).info.get("icc_profile")
    return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile))).strip() if profile else None


@pytest.mark.parametrize("media_type", [JPEG, PNG, WEBP])
def test_WADO_96_the_profile_that_is_asked_for_is_embedded(archive, media_type):
    path = f"{image(patches()).path}/rendered"

    found = {
        name: profile_in(get(archive, path, media_type, **({"iccprofile": name} if name else {})))
        for name in ("", "no", "yes", "srgb", "adobergb", "rommrgb")
    }

    assert found[""] is found["no"] is None
    assert found["yes"] == found["srgb"]
    assert len({found[name] for name in ("srgb", "adobergb", "rommrgb")}) == 3


def test_WADO_87_WADO_96_colors_of_another_profile_become_srgb_unless_theirs_is_embedded(archive):
    file = image(np.full((8, 8, 3), (0, 200, 0), np.uint8), ICCProfile=ADOBE_RGB)
    path = f"{file.path}/rendered"

    converted, own = seen(get(archive, path, PNG)), seen(get(archive, path, PNG, iccprofile="yes"))

    assert own[0, 0].tolist() == [0, 200, 0]
    assert converted[0, 0].tolist() != [0, 200, 0]
    assert profile_in(get(archive, path, PNG)) is None
    assert profile_in(get(archive, path, PNG, iccprofile="yes"))


def test_WADO_96_a_profile_that_is_none_leaves_the_colors_as_they_are(archive):
    file = image(patches(), ICCProfile=b"nonsense" * 40)

    for query in ({}, {"iccprofile": "yes"}, {"iccprofile": "srgb"}):
        assert np.array_equal(seen(get(archive, f"{file.path}/rendered", PNG, **query)), patches())
