"""Rendered media types (PS3.18 Table 8.7.4-1)."""

import numpy as np
import pytest
from hypothesis import given
from PIL import ImageCms

from archive.dicom.errors import NoCodec
from archive.dicom.rendering.encoders import MEDIA_TYPES, can_embed_profile, encode
from archive.dicom.rendering.rasters import Raster
from tests.archive.dicom.rendering.built import opened, psnr, rasters, seen, smooth

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}


@given(rasters)
def test_WADO_81_a_png_is_the_image(raster: Raster):
    assert np.array_equal(seen(encode(raster, "image/png"), color=raster.ndim > 2), raster)


@given(rasters.filter(lambda raster: raster.ndim == 2))
def test_WADO_81_a_gif_of_gray_is_the_image(raster: Raster):
    assert np.array_equal(seen(encode(raster, "image/gif"), color=False), raster)


def test_WADO_81_a_gif_of_colors_has_those_that_come_nearest():
    raster = smooth(64, 64, color=True)

    assert psnr(seen(encode(raster, "image/gif"), color=True), raster) > 25


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("media_type", ["image/jpeg", "image/webp"])
def test_WADO_80_a_lossy_image_is_close_to_the_image(media_type: str, color: bool):
    raster = smooth(128, 160, color=color)

    assert psnr(seen(encode(raster, media_type, quality=90), color=color), raster) > 40


def test_WADO_80_a_thin_line_of_a_jpeg_keeps_its_color():
    raster = np.full((64, 64, 3), 128, np.uint8)
    raster[:, 31] = (255, 0, 0)

    found = seen(encode(raster, "image/jpeg"), color=True)[:, 31].mean(axis=0)

    assert np.abs(found - (255, 0, 0)).max() < 16


@pytest.mark.parametrize("color", [False, True])
def test_WADO_80_a_jpeg_is_baseline(color: bool):
    data = encode(smooth(16, 16, color=color), "image/jpeg")

    assert b"\xff\xc0" in data
    assert b"\xff\xc2" not in data


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_WADO_87_images_have_8_bits_a_channel(media_type: str, color: bool):
    image = opened(encode(smooth(20, 30, color=color), media_type))

    assert image.format == FORMATS[media_type]
    assert image.size == (30, 20)
    assert image.mode in {"L", "P", "RGB"}


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/webp"])
def test_WADO_94_less_quality_is_less_data(media_type: str):
    raster = smooth(256, 256, color=True)

    low, high, highest = (len(encode(raster, media_type, quality=quality)) for quality in (1, 90, 100))

    assert low < high < highest


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_WADO_96_a_profile_is_embedded_where_one_can_be(media_type: str):
    raster = smooth(16, 16, color=True)

    embedded = opened(encode(raster, media_type, icc_profile=SRGB)).info.get("icc_profile")

    assert embedded == (SRGB if can_embed_profile(media_type) else None)
    assert "icc_profile" not in opened(encode(raster, media_type)).info


@pytest.mark.parametrize(
    ("media_type", "longest"), [("image/jpeg", 65500), ("image/webp", 16383), ("image/gif", 65535)]
)
def test_WADO_99_an_image_can_be_as_large_as_its_type_allows_and_no_larger(media_type: str, longest: int):
    assert opened(encode(np.zeros((1, longest), np.uint8), media_type)).width == longest
    for shape in ((1, longest + 1), (longest + 1, 1)):
        with pytest.raises(NoCodec):
            encode(np.zeros(shape, np.uint8), media_type)


def test_WADO_99_another_type_is_refused():
    assert not can_embed_profile("image/tiff")
    with pytest.raises(NoCodec):
        encode(smooth(8, 8), "image/tiff")
