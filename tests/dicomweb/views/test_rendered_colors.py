"""Rendered images in the shades and colors that are meant (PS3.3 Section C.7.6.3.1.2)."""

from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import convert_color_space
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from tests.builders import encapsulated, part10
from tests.dicomweb.pictures import (
    GIF,
    JPEG,
    PATCHES,
    PNG,
    SIDE,
    WEBP,
    Pixels,
    described,
    get,
    image,
    means,
    patches,
    seen,
    wedge,
)
from tests.storing import StoredFile, stored, stored_file

pytestmark = pytest.mark.django_db

JPEG_XL = "1.2.840.10008.1.2.4.112"
NEAR = 6


def ybr() -> Pixels:
    return convert_color_space(patches(), "RGB", "YBR_FULL")


def halved(samples: Pixels) -> Pixels:
    """Two of Y, then one of Cb and of Cr, for every two pixels."""
    first, second = samples[:, 0::2], samples[:, 1::2]
    return np.stack([first[..., 0], second[..., 0], first[..., 1], first[..., 2]], axis=-1)


def partial_range() -> Pixels:
    """Y from 16 to 235, and Cb and Cr from 16 to 240."""
    steps, zero = np.array((219, 224, 224)) / 255, np.array((0, 128, 128))
    return np.rint((ybr().astype(float) - zero) * steps + (16, 128, 128)).astype(np.uint8)


def native(photometric: str, pixels: Pixels, **more: Any) -> StoredFile:
    return image(patches(), **{"PhotometricInterpretation": photometric, "PixelData": pixels.tobytes()} | more)


def palette(**more: Any) -> StoredFile:
    indexes = np.repeat(np.repeat(np.array([[0, 1], [2, 3]], np.uint8), SIDE, axis=0), SIDE, axis=1)
    tables: dict[str, Any] = {}
    for place, name in enumerate(("Red", "Green", "Blue")):
        entries = np.array([color[place] * 257 for color in PATCHES], "<u2")
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [4, 0, 16]
        tables[f"{name}PaletteColorLookupTableData"] = entries.tobytes()
    return image(indexes, PhotometricInterpretation="PALETTE COLOR", **tables)


def dataset(photometric: str, codestream: bytes) -> Dataset:
    return encapsulated([codestream], **described(patches()) | {"PhotometricInterpretation": photometric})


def compressed(transfer_syntax: str, photometric: str, codestream: bytes) -> StoredFile:
    return stored(dataset(photometric, codestream), transfer_syntax=transfer_syntax)


def jpeg_xl(codestream: bytes) -> StoredFile:
    """pydicom writes no such files: the UID takes the place of one that is as long."""
    file = part10(dataset("XYB", codestream), HTJ2KLossless)
    return stored_file(file.replace(HTJ2KLossless.encode(), JPEG_XL.encode()))


def encoded(transfer_syntax: str, photometric: str, samples: Pixels) -> StoredFile:
    pixels = PixelDescription(2 * SIDE, 2 * SIDE, 3, photometric, 8, 8, 7, 0)
    given = codecs.encoded(pixels, transfer_syntax).photometric_interpretation
    return compressed(transfer_syntax, given, codecs.encode(samples.tobytes(), transfer_syntax, pixels))


def jpeg(subsampling: str) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(patches(), level=98, subsampling=subsampling))


#: The patches, in every Photometric Interpretation of colors that is not retired, and one that is, as it is stored.
COLORS: dict[str, Callable[[], StoredFile]] = {
    "RGB": lambda: image(patches()),
    "RGB-by-plane": lambda: native("RGB", np.moveaxis(patches(), -1, 0), PlanarConfiguration=1),
    "RGB-of-16-bits": lambda: native(
        "RGB", patches().astype("<u2") * 257, BitsAllocated=16, BitsStored=16, HighBit=15
    ),
    "RGB-RLE": lambda: encoded(RLELossless, "RGB", patches()),
    "RGB-JPEG-LS": lambda: encoded(JPEGLSLossless, "RGB", patches()),
    "PALETTE COLOR": palette,
    "YBR_FULL": lambda: native("YBR_FULL", ybr()),
    "YBR_FULL-by-plane": lambda: native("YBR_FULL", np.moveaxis(ybr(), -1, 0), PlanarConfiguration=1),
    "YBR_FULL-RLE": lambda: encoded(RLELossless, "YBR_FULL", ybr()),
    "YBR_FULL-JPEG": lambda: compressed(JPEGBaseline8Bit, "YBR_FULL", jpeg("444")),
    "YBR_FULL_422": lambda: native("YBR_FULL_422", halved(ybr())),
    "YBR_FULL_422-JPEG": lambda: compressed(JPEGBaseline8Bit, "YBR_FULL_422", jpeg("422")),
    "YBR_PARTIAL_422": lambda: native("YBR_PARTIAL_422", halved(partial_range())),
    "YBR_RCT": lambda: encoded(JPEG2000Lossless, "RGB", patches()),
    "YBR_RCT-HTJ2K": lambda: encoded(HTJ2KLossless, "RGB", patches()),
    "YBR_ICT": lambda: compressed(
        JPEG2000, "YBR_ICT", bytes(imagecodecs.jpeg2k_encode(patches(), level=45, codecformat="j2k", reversible=False))
    ),
    "XYB-JPEG-XL": lambda: jpeg_xl(bytes(imagecodecs.jpegxl_encode(patches(), lossless=False, distance=0.5))),
}  # fmt: skip


@pytest.mark.parametrize("file", COLORS.values(), ids=COLORS.keys())
def test_WADO_86_colors_are_those_of_the_patches(archive, file):
    """P26"""
    found = seen(get(archive, f"{file().path}/rendered", PNG))

    assert found.shape == (2 * SIDE, 2 * SIDE, 3)
    assert np.abs(np.array(means(found)) - np.array(PATCHES)).max() < NEAR


@pytest.mark.parametrize("media_type", [JPEG, PNG, GIF, WEBP])
def test_WADO_87_every_type_has_the_colors_in_eight_bits(archive, media_type):
    found = seen(get(archive, f"{image(patches()).path}/rendered", media_type))

    assert found.dtype == np.uint8
    assert np.abs(np.array(means(found)) - np.array(PATCHES)).max() < NEAR


@pytest.mark.parametrize(
    ("elements", "inverted"),
    [
        pytest.param({"PhotometricInterpretation": "MONOCHROME2"}, False, id="MONOCHROME2"),
        pytest.param({"PhotometricInterpretation": "MONOCHROME1"}, True, id="MONOCHROME1"),
        pytest.param({"PresentationLUTShape": "INVERSE"}, True, id="INVERSE"),
        pytest.param({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, True, id="both"),
    ],
)
@pytest.mark.parametrize("bits", [8, 16])
def test_WADO_86_a_wedge_goes_from_black_to_white_or_the_other_way(archive, elements, inverted, bits):
    """P26"""
    deeper = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelData": wedge().astype("<u2").tobytes()}
    file = image(wedge(), **(deeper if bits == 16 else {}) | elements)

    for media_type in (PNG, JPEG):
        found = seen(get(archive, f"{file.path}/rendered", media_type)).astype(int)
        assert np.abs(found - (255 - wedge() if inverted else wedge())).mean() < 2


@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_WADO_86_a_wedge_looks_the_same_however_it_is_stored(archive, transfer_syntax):
    color = {"PhotometricInterpretation": "MONOCHROME1"}
    file = image(wedge(), **color)
    if transfer_syntax != ExplicitVRLittleEndian:
        pixels = PixelDescription(32, 64, 1, "MONOCHROME1", 8, 8, 7, 0)
        codestream = codecs.encode(wedge().tobytes(), transfer_syntax, pixels)
        file = stored(encapsulated([codestream], **described(wedge()) | color), transfer_syntax=transfer_syntax)

    assert np.array_equal(seen(get(archive, f"{file.path}/rendered", PNG)), 255 - wedge())


def test_WADO_87_pixels_of_twelve_bits_become_eight(archive):
    values = np.tile(np.linspace(0, 4095, 64).astype("<u2"), (8, 1))
    file = stored(Columns=64, BitsStored=12, HighBit=11, PixelData=values.tobytes())

    found = seen(get(archive, f"{file.path}/rendered", PNG))[0].astype(int)

    assert np.abs(found - np.linspace(0, 255, 64)).max() <= 1
