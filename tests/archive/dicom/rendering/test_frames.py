"""What there is a way to show, and what not."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.pixels import convert_color_space

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import MalformedPixelData, NotRenderable
from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.frames import check_renderable, render
from tests.archive.dicom.images.built import (
    ENCODED,
    GRAY_8,
    GRAY_12,
    HTJ2K,
    JPEG_2000,
    JPEG_LS,
    RGB,
    RLE,
    UID,
    YBR_FULL,
    ramp,
)
from tests.archive.dicom.rendering.shown import attributes, rendered_with_overlays


@pytest.mark.parametrize(
    ("pixels", "problem"),
    [
        (replace(RGB, photometric_interpretation="HSV"), "HSV are not rendered"),
        (replace(RGB, photometric_interpretation="CMYK", samples_per_pixel=4), "CMYK are not rendered"),
        (replace(RGB, photometric_interpretation="MONOCHROME2"), "MONOCHROME2 has 1 samples per pixel, not 3"),
        (replace(RGB, photometric_interpretation="PALETTE COLOR"), "PALETTE COLOR has 1 samples per pixel, not 3"),
        (replace(GRAY_12, photometric_interpretation="RGB"), "RGB has 3 samples per pixel, not 1"),
        (replace(RGB, samples_per_pixel=4), "RGB has 3 samples per pixel, not 4"),
    ],
)
def test_what_there_is_no_way_to_show_is_refused_before_it_is_decoded(pixels: PixelDescription, problem: str) -> None:
    with pytest.raises(NotRenderable, match=problem):
        check_renderable(pixels)
    with pytest.raises(NotRenderable, match=problem):
        render(b"", pixels, attributes())


def test_a_frame_that_ends_early_is_refused() -> None:
    with pytest.raises(MalformedPixelData, match="1919 bytes where 1920 belong"):
        render(ramp(GRAY_12).tobytes()[:-1], GRAY_12, attributes())


def test_a_frame_stays_as_it_is() -> None:
    """The bytes are the caller's: they may be cached."""
    frame = ramp(RGB).tobytes()
    assert np.array_equal(render(frame, RGB, attributes()), ramp(RGB))
    assert frame == ramp(RGB).tobytes()


# -- colors that codecs have already given back -----------------------------------

JPEG, JPEG_LOSSLESS, JPEG_XL = f"{UID}.4.50", f"{UID}.4.70", f"{UID}.4.110"
YBR = convert_color_space(ramp(RGB), "RGB", "YBR_FULL")


def jpeg(rgb: np.ndarray, **options: Any) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(rgb, **options))


LOSSY = jpeg(ramp(RGB), level=98, colorspace="RGB", outcolorspace="YCBCR", subsampling="444")


@pytest.mark.parametrize(
    ("transfer_syntax", "color", "codestream"),
    [
        *((JPEG, color, LOSSY) for color in ("YBR_FULL_422", "YBR_FULL", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "RGB")),
        (JPEG, "RGB", jpeg(ramp(RGB), level=98, colorspace="RGB", outcolorspace="RGB")),
        (JPEG_LOSSLESS, "RGB", jpeg(ramp(RGB), lossless=True, colorspace="RGB", outcolorspace="RGB")),
        (JPEG_LOSSLESS, "YBR_FULL", jpeg(YBR, lossless=True, colorspace="RGB", outcolorspace="RGB")),
        *((JPEG_XL, color, bytes(imagecodecs.jpegxl_encode(ramp(RGB)))) for color in ("RGB", "YBR_FULL", "XYB")),
        *((syntax, "YBR_RCT", codecs.encode(ramp(RGB).tobytes(), syntax, RGB)) for syntax in (JPEG_2000, HTJ2K)),
        *((syntax, "RGB", codecs.encode(ramp(RGB).tobytes(), syntax, RGB)) for syntax in (JPEG_LS, RLE)),
        *((syntax, "YBR_FULL", codecs.encode(YBR.tobytes(), syntax, YBR_FULL)) for syntax in ENCODED),
    ],
)
def test_WADO_86_colors_are_those_that_were_compressed(transfer_syntax: str, color: str, codestream: bytes) -> None:
    pixels = replace(RGB, photometric_interpretation=color)
    frame = codecs.decode(codestream, transfer_syntax, pixels)
    image = render(frame, codecs.decoded(pixels, transfer_syntax), attributes())
    mean_square = np.square(image.astype(float) - ramp(RGB)).mean()
    assert mean_square == 0 or 10 * np.log10(255**2 / mean_square) > 40


# -- hostile attributes ------------------------------------------------------------


def element(vr: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=4).map(lambda found: {"vr": vr, "Value": found})


CODES = [
    *("INVERSE", "SIGMOID", "LINEAR_EXACT", "R", "LABELMAP"),
    *("COLOR", "COLOR_RANGE", "TABLE", "PRIMARY_SINGLE", "PRIMARY"),
]
ELEMENTS = st.one_of(
    element("US", st.integers(0, 65535)),
    element("SS", st.integers(-32768, 32767)),
    element("UV", st.one_of(st.integers(0, 1 << 53), st.just(str((1 << 64) - 1)))),
    element("IS", st.integers(-(10**18), 10**18) | st.none()),
    element("DS", st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3) | st.none()),
    element("CS", st.sampled_from(CODES) | st.none()),
    st.binary(max_size=300).map(lambda field: {"vr": "OW", "InlineBinary": b64encode(field).decode()}),
    st.just({"vr": "SQ"}),
)
LUTS = ("00283002", "00283006", "00281050", "00281051", "00281052", "00281053")
KEYS = (
    *("00280120", "00280121", "00281050", "00281051", "00281052", "00281053", "00281056", "20500020", "00620001"),
    *("00281101", "00281102", "00281103", "00281201", "00281202", "00281203", "00281221", "00281222", "00281223"),
    *("00089205", "00281231", "00281232", "00281402", "00281403", "0028140E", "0028140F"),
    *("60000010", "60000011", "60000015", "60000040", "60000050", "60000051", "60000102", "60003000", "0062000E"),
)
SEQUENCES = (
    *("00283000", "00283010", "00289145", "00289132", "52009229", "52009230"),
    *("00281230", "00281401", "0028140B"),
)
ITEMS = st.recursive(
    st.dictionaries(st.sampled_from(LUTS + KEYS), ELEMENTS),
    lambda inner: st.dictionaries(st.sampled_from(SEQUENCES), element("SQ", inner | st.none())),
    max_leaves=4,
)
DATA_SETS = st.builds(
    lambda plain, sequences: plain | sequences,
    st.dictionaries(st.sampled_from(KEYS), ELEMENTS),
    st.dictionaries(st.sampled_from(SEQUENCES), element("SQ", ITEMS) | ELEMENTS),
)
GRAYS = [GRAY_12, replace(GRAY_12, pixel_representation=1), replace(GRAY_8, photometric_interpretation="PALETTE COLOR")]


@given(DATA_SETS, st.sampled_from(GRAYS))
def test_attributes_without_sense_are_refused_or_left_out(data_set: DataSet, pixels: PixelDescription) -> None:
    frame = ramp(pixels).tobytes()
    try:
        image = rendered_with_overlays(frame, pixels, attributes(data_set))
    except NotRenderable:
        return
    assert image.shape[:2] == (pixels.rows, pixels.columns)
    assert image.dtype == np.uint8
