"""Color spaces against pydicom's conversion, and against those of the standard's equations."""

import numpy as np
import pytest
from pydicom.pixels import convert_color_space

from archive.dicom.rendering.color import to_rgb
from tests.archive.dicom.rendering.shown import difference, shown_instance
from tests.builders import COLUMNS, ROWS

#: Colors that RGB has, all over the cube.
STEPS = np.arange(0, 256, 15)
RGB = np.stack(np.meshgrid(STEPS, STEPS, STEPS), axis=-1).reshape(18, -1, 3).astype(np.uint8)

#: PS3.3 Section C.7.6.3.1.2, YBR_PARTIAL_422: the equations as they are printed there.
TO_PARTIAL = np.array(((0.2568, 0.5041, 0.0979), (-0.1482, -0.2910, 0.4392), (0.4392, -0.3678, -0.0714)))
PARTIAL_ZERO = np.array((16, 128, 128))


def partial(rgb: np.ndarray) -> np.ndarray:
    return np.rint(rgb @ TO_PARTIAL.T + PARTIAL_ZERO).astype(np.uint8)


def test_WADO_86_ybr_full_agrees_with_pydicom() -> None:
    samples = np.random.default_rng(1).integers(0, 256, (50, 60, 3), np.uint8)
    theirs = convert_color_space(samples, "YBR_FULL", "RGB")
    assert difference(to_rgb(samples, "YBR_FULL", 8), theirs) < 0.5


@pytest.mark.parametrize("space", ["YBR_FULL", "YBR_FULL_422"])
def test_WADO_86_what_is_made_ybr_full_comes_back(space: str) -> None:
    assert difference(to_rgb(convert_color_space(RGB, "RGB", "YBR_FULL"), space, 8), RGB) < 1


@pytest.mark.parametrize("space", ["YBR_PARTIAL_422", "YBR_PARTIAL_420"])
def test_WADO_86_what_is_made_ybr_partial_comes_back(space: str) -> None:
    assert difference(to_rgb(partial(RGB), space, 8), RGB) < 1


@pytest.mark.parametrize("space", ["RGB", "YBR_RCT", "YBR_ICT"])
def test_WADO_86_colors_that_a_codec_has_given_back_are_rgb(space: str) -> None:
    assert np.array_equal(to_rgb(RGB, space, 8), RGB)


@pytest.mark.parametrize("bits", range(1, 33))
def test_WADO_87_samples_of_any_bits_become_eight(bits: int) -> None:
    samples = np.array([[[0, (1 << bits) - 1, 0]]], np.uint32)
    image = to_rgb(samples, "RGB", bits)
    assert image.tolist() == [[[0, 255, 0]]]
    assert image.dtype == np.uint8


@pytest.mark.parametrize(("bits", "kind"), [(8, "u1"), (12, "<u2"), (16, "<u2"), (32, "<u4")])
@pytest.mark.parametrize("planar", [0, 1])
def test_WADO_86_rgb_of_any_depth_by_pixel_or_by_plane(bits: int, kind: str, planar: int) -> None:
    most = (1 << bits) - 1
    samples = np.linspace(0, most, ROWS * COLUMNS * 3).astype(np.uint64).astype(kind).reshape(ROWS, COLUMNS, 3)
    stored = np.moveaxis(samples, -1, 0) if planar else samples
    image = shown_instance(
        PhotometricInterpretation="RGB",
        SamplesPerPixel=3,
        PlanarConfiguration=planar,
        BitsAllocated=8 * samples.itemsize,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelData=stored.tobytes(),
    )
    assert difference(image, samples / most * 255) < 0.5


@pytest.mark.parametrize(
    ("space", "convert"),
    [("YBR_FULL_422", lambda rgb: convert_color_space(rgb, "RGB", "YBR_FULL")), ("YBR_PARTIAL_422", partial)],
)
def test_WADO_86_native_frames_with_half_of_the_chrominance(space: str, convert: object) -> None:
    rgb = np.repeat(RGB.reshape(-1, 3)[: ROWS * COLUMNS // 2], 2, axis=0).reshape(ROWS, COLUMNS, 3)
    full = convert(rgb)
    pairs = np.concatenate((full[:, ::2, :1], full[:, 1::2, :1], full[:, ::2, 1:]), axis=-1)
    image = shown_instance(
        PhotometricInterpretation=space,
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelData=pairs.tobytes(),
    )
    assert difference(image, rgb) < 1
