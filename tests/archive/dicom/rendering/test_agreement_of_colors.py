"""Every color space as we show it, against pydicom and DCMTK."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import convert_color_space

from archive.dicom.errors import MalformedPixelData
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.color import COLOR_SPACES
from tests.archive.dicom.images.built import described
from tests.archive.dicom.rendering.built import smooth
from tests.archive.dicom.rendering.references import by_dcmtk, by_pydicom
from tests.archive.dicom.rendering.shown import Image, difference, shown
from tests.archive.dicom.rendering.test_color import partial
from tests.archive.dicom.rendering.test_palette_color_lut import RAMPS, palette, segmented
from tests.builders import part10

ROWS, COLUMNS = 24, 32

RGB = PixelDescription(ROWS, COLUMNS, 3, "RGB", 8, 8, 7, 0)
#: Pixels come in pairs of one color, so that nothing is lost where there is but one chrominance for two.
PICTURE = np.repeat(smooth(ROWS, COLUMNS // 2, color=True), 2, axis=1)
YBR = convert_color_space(PICTURE, "RGB", "YBR_FULL")
#: A number of a color for each pixel.
INDEXED = PixelDescription(ROWS, COLUMNS, 1, "PALETTE COLOR", 8, 8, 7, 0)


def pairs(samples: Image) -> Image:
    """Two luminances, one Cb and one Cr for every two pixels."""
    return np.concatenate((samples[:, ::2, :1], samples[:, 1::2, :1], samples[:, ::2, 1:]), axis=-1)


def named(pixels: PixelDescription, color: str, **changes: Any) -> PixelDescription:
    return replace(pixels, photometric_interpretation=color, **changes)


SEGMENTS = bytes((0, 1, 0, 1, 127, 255, 1, 128, 10))

COLORS: dict[str, tuple[PixelDescription, Image, dict[str, Any]]] = {
    "RGB": (RGB, PICTURE, {}),
    "RGB by plane": (named(RGB, "RGB", planar_configuration=1), np.moveaxis(PICTURE, -1, 0).copy(), {}),
    "YBR_FULL": (named(RGB, "YBR_FULL"), YBR, {}),
    "YBR_FULL by plane": (named(RGB, "YBR_FULL", planar_configuration=1), np.moveaxis(YBR, -1, 0).copy(), {}),
    "YBR_FULL_422": (named(RGB, "YBR_FULL_422"), pairs(YBR), {}),
    "YBR_PARTIAL_422": (named(RGB, "YBR_PARTIAL_422"), pairs(partial(PICTURE)), {}),
    "RGB of 16 bits": (replace(RGB, bits_allocated=16, bits_stored=16, high_bit=15), PICTURE.astype("<u2") * 257, {}),
    "RGB of 12 bits": (replace(RGB, bits_allocated=16, bits_stored=12, high_bit=11), PICTURE.astype("<u2") * 16, {}),
    "a palette of 16 bits": (INDEXED, PICTURE[..., 0], palette([ramp * 257 for ramp in RAMPS], 16)),
    "a palette that begins at 30": (INDEXED, PICTURE[..., 0], palette([ramp * 257 for ramp in RAMPS], 16, 30)),
    "a palette of 8 bits": (INDEXED, PICTURE[..., 0], palette(RAMPS, 8, dtype="u1")),
    "a segmented palette": (INDEXED, PICTURE[..., 0], segmented(SEGMENTS, 256, 8)),
}


def dataset_of(name: str) -> Dataset:
    pixels, samples, elements = COLORS[name]
    given = {"PixelData": samples.tobytes()} | elements
    given.pop("PhotometricInterpretation", None)
    dataset = described(pixels, **given)
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=True)
    return dataset


def expected(name: str) -> Image:
    """The picture before it was made what is stored, or its numbers in the colors of the palette."""
    dataset = dataset_of(name)
    if dataset.SamplesPerPixel == 1:
        return by_pydicom(dataset, PICTURE[..., 0])
    return PICTURE.astype(np.float64)


@pytest.mark.parametrize("name", COLORS)
def test_WADO_86_colors_are_shown_as_by_pydicom(name: str) -> None:
    image = shown(part10(dataset_of(name)))
    assert difference(image, expected(name)) < 1


@pytest.mark.parametrize("name", [name for name in COLORS if "segmented" not in name])
def test_WADO_86_colors_are_shown_as_by_dcmtk(name: str, tmp_path: Path) -> None:
    """Which knows no segmented palettes."""
    file = tmp_path / "color.dcm"
    file.write_bytes(part10(dataset_of(name)))
    assert difference(shown(file.read_bytes()), by_dcmtk(file)) < 1


def test_WADO_86_every_color_space_of_native_pixels_is_shown() -> None:
    """PS3.3 Section C.7.6.3.1.2. Those of codestreams and of videos do not occur in native pixels."""
    shown_here = {pixels.photometric_interpretation for pixels, _, _ in COLORS.values()}
    assert shown_here == COLOR_SPACES - {"YBR_RCT", "YBR_ICT", "YBR_PARTIAL_420"} | {"PALETTE COLOR"}


def test_a_quarter_of_the_chrominance_is_not_known_to_be_laid_out_in_any_way() -> None:
    """YBR_PARTIAL_420 is for videos. Frames with all of their samples are shown, whatever they are called."""
    pixels = named(RGB, "YBR_PARTIAL_420")
    samples = partial(PICTURE)
    assert difference(shown(part10(described(pixels, PixelData=samples.tobytes()))), PICTURE) < 1
    with pytest.raises(MalformedPixelData):
        shown(part10(described(pixels, PixelData=samples.tobytes()[: samples.size // 2])))
