"""Every kind of gray pixel in every kind of view as we show it, against pydicom and DCMTK."""

from dataclasses import replace
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from archive.dicom.pixel_description import PixelDescription
from tests.archive.dicom.images.built import described
from tests.archive.dicom.rendering.built import noise, smooth
from tests.archive.dicom.rendering.references import by_dcmtk, by_pydicom, modality_values
from tests.archive.dicom.rendering.shown import Image, difference, item, lut, shown
from tests.builders import part10

ROWS, COLUMNS = 24, 32


# -- pixels ----------------------------------------------------------------------


def gray(allocated: int, stored: int, *, signed: bool = False, high: int | None = None) -> PixelDescription:
    high = stored - 1 if high is None else high
    return PixelDescription(ROWS, COLUMNS, 1, "MONOCHROME2", allocated, stored, high, int(signed))


PIXELS = {
    "8 bits": gray(8, 8),
    "8 bits with a sign": gray(8, 8, signed=True),
    "12 bits": gray(16, 12),
    "12 bits with a sign": gray(16, 12, signed=True),
    "16 bits": gray(16, 16),
    "16 bits with a sign": gray(16, 16, signed=True),
    "32 bits": gray(32, 32),
    "32 bits with a sign": gray(32, 32, signed=True),
}


def values_of(pixels: PixelDescription) -> Image:
    """A smooth picture with some noise in it, over the whole range of the pixels."""
    picture = np.clip(smooth(ROWS, COLUMNS) * 0.95 + noise(ROWS, COLUMNS) * 0.05, 0, 255)
    values = np.floor(picture / 255 * ((1 << pixels.bits_stored) - 1)).astype(np.int64)
    if pixels.pixel_representation:
        values -= 1 << pixels.bits_stored - 1
    return values.astype(f"<{'i' if pixels.pixel_representation else 'u'}{pixels.bits_allocated // 8}")


def file_of(pixels: PixelDescription, values: Image, **elements: Any) -> bytes:
    return part10(described(pixels, PixelData=values.tobytes(), **elements))


def dataset_of(file: bytes) -> Dataset:
    return dcmread(BytesIO(file))


# -- views -----------------------------------------------------------------------


def window(low: float, high: float, **elements: Any) -> dict[str, Any]:
    """The half in the middle."""
    return {"WindowCenter": round((low + high) / 2), "WindowWidth": round((high - low) / 2)} | elements


def several_windows(low: float, high: float) -> dict[str, Any]:
    center, width = round(low + (high - low) / 3), round((high - low) / 2)
    return {"WindowCenter": [center, 0], "WindowWidth": [width, 10]}


def table(low: float, high: float, bits: int, **elements: Any) -> Dataset:
    """A curve over the middle of what a table can begin at and reach; not as wide as the range, so that it has ends."""
    low, high = max(low, -(1 << 15)), min(high, (1 << 15) - 1)
    first, count = int(low + (high - low) / 8), min(int((high - low) * 0.7), 4096)
    curve = np.linspace(0, 1, count) ** 1.5 * ((1 << bits) - 1)
    return lut(np.rint(curve).astype(np.uint16), first, bits, **elements)


#: What becomes of stored values from `low` to `high`, which are those of the pixels.
MODALITIES: dict[str, Any] = {
    "as stored": lambda low, high: {},
    "rescaled": lambda low, high: {"RescaleSlope": "1", "RescaleIntercept": "-1024"},
    "rescaled by a fraction": lambda low, high: {"RescaleSlope": "0.3725", "RescaleIntercept": "12.5"},
    "rescaled upside down": lambda low, high: {"RescaleSlope": "-0.5", "RescaleIntercept": "100"},
    "by a table": lambda low, high: {"ModalityLUTSequence": [table(low, high, 16, ModalityLUTType="US")]},
}

#: How values from `low` to `high` are seen.
VIEWS: dict[str, Any] = {
    "no window": lambda low, high: {},
    "a window": window,
    "a window, LINEAR_EXACT": lambda low, high: window(low, high, VOILUTFunction="LINEAR_EXACT"),
    "a window, SIGMOID": lambda low, high: window(low, high, VOILUTFunction="SIGMOID"),
    "several windows": several_windows,
    "a table": lambda low, high: {"VOILUTSequence": [table(low, high, 10)]},
    "a table and a window": lambda low, high: {"VOILUTSequence": [table(low, high, 12)]} | window(low, high),
}


def elements_of(pixels: PixelDescription, modality: str, view: str) -> dict[str, Any]:
    stored = values_of(pixels)
    given = MODALITIES[modality](int(stored.min()), int(stored.max()))
    values = modality_values(dataset_of(file_of(pixels, stored, **given)), stored)
    return given | VIEWS[view](float(values.min()), float(values.max()))


# -- gray --------------------------------------------------------------------------


def is_within_tables(name: str, modality: str, view: str) -> bool:
    """Tables begin at a value of 16 bits, and have as many entries."""
    return "table" not in modality + view or PIXELS[name].bits_stored <= 16


CASES = [case for case in product(PIXELS, MODALITIES, VIEWS) if is_within_tables(*case)]


@pytest.mark.parametrize(("name", "modality", "view"), CASES, ids=map(", ".join, CASES))
def test_WADO_86_a_gray_image_is_shown_as_by_pydicom(name: str, modality: str, view: str) -> None:
    values, elements = values_of(PIXELS[name]), elements_of(PIXELS[name], modality, view)
    for color in ("MONOCHROME2", "MONOCHROME1"):
        file = file_of(replace(PIXELS[name], photometric_interpretation=color), values, **elements)
        dataset = dataset_of(file)
        assert difference(shown(file), by_pydicom(dataset, values)) < 1


def test_the_views_are_not_the_same() -> None:
    pixels = PIXELS["12 bits"]
    images = {
        shown(file_of(pixels, values_of(pixels), **elements_of(pixels, modality, view))).tobytes()
        for modality, view in product(MODALITIES, VIEWS)
    }
    # In a window that follows the values, to rescale them is to see the same.
    assert len(images) >= 15


#: What dcmj2pnm has to be told so that it shows the view. It has no LINEAR_EXACT.
OPTIONS = {
    "a window": ("+Wi", "1"),
    "a window, SIGMOID": ("+Wi", "1", "--sigmoid-function"),
    "several windows": ("+Wi", "1"),
    "a table": ("+Wl", "1"),
    "no window": ("+Wm",),
}


@pytest.mark.parametrize("view", OPTIONS)
@pytest.mark.parametrize("modality", ["rescaled", "by a table"])
@pytest.mark.parametrize("name", ["12 bits", "12 bits with a sign", "16 bits"])
def test_WADO_86_a_gray_image_is_shown_as_by_dcmtk(name: str, modality: str, view: str, tmp_path: Path) -> None:
    for color in ("MONOCHROME2", "MONOCHROME1"):
        pixels = replace(PIXELS[name], photometric_interpretation=color)
        file = tmp_path / "gray.dcm"
        file.write_bytes(file_of(pixels, values_of(pixels), **elements_of(pixels, modality, view)))
        assert difference(shown(file.read_bytes()), by_dcmtk(file, *OPTIONS[view])) < 1


# -- other kinds of pixels -----------------------------------------------------------


def test_P21_one_bit_is_shown_as_by_pydicom() -> None:
    bits = (values_of(PIXELS["8 bits"]) > 127).astype(np.uint8)
    for color in ("MONOCHROME2", "MONOCHROME1"):
        pixels = replace(gray(1, 1), photometric_interpretation=color)
        file = file_of(pixels, np.packbits(bits, bitorder="little"))
        theirs = dataset_of(file).pixel_array * 255
        assert np.array_equal(shown(file), 255 - theirs if color == "MONOCHROME1" else theirs)


@pytest.mark.parametrize("high", [11, 13, 15])
def test_bits_may_lie_anywhere_in_their_cells(high: int) -> None:
    """Those beside them may be anything, such as overlays."""
    values = values_of(PIXELS["12 bits"])
    rest = np.random.default_rng(1).integers(0, 1 << 16, values.shape, np.uint16)
    moved = values << (high - 11) | rest & ~np.uint16(0xFFF << (high - 11))
    elements = elements_of(PIXELS["12 bits"], "rescaled", "a window")
    plain = file_of(PIXELS["12 bits"], values, **elements)
    assert np.array_equal(shown(file_of(gray(16, 12, high=high), moved, **elements)), shown(plain))


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
@pytest.mark.parametrize("modality", ["as stored", "rescaled by a fraction", "rescaled upside down"])
@pytest.mark.parametrize("view", ["no window", "a window, LINEAR_EXACT", "a window, SIGMOID"])
def test_P20_floats_are_shown_as_by_pydicom(kind: str, modality: str, view: str) -> None:
    values = (values_of(PIXELS["16 bits"]) / 1000 - 20).astype(kind)
    keyword = "FloatPixelData" if kind == "<f4" else "DoubleFloatPixelData"
    given = MODALITIES[modality](0, 0) | VIEWS[view](-20, 40)
    pixels = gray(8 * values.itemsize, 8 * values.itemsize)
    dataset = described(pixels, **{"PixelData": None, keyword: values.tobytes()}, **given)
    assert difference(shown(part10(dataset)), by_pydicom(dataset, values)) < 1


@pytest.mark.parametrize("limit", [None, 7])
def test_padding_is_black_and_the_rest_as_by_pydicom(limit: int | None) -> None:
    values = np.maximum(values_of(PIXELS["12 bits"]), 8)
    values[:5] = 3
    pad = {"PixelPaddingValue": 3} | ({"PixelPaddingRangeLimit": limit} if limit else {})
    for color in ("MONOCHROME2", "MONOCHROME1"):
        pixels = replace(PIXELS["12 bits"], photometric_interpretation=color)
        file = file_of(pixels, values, **pad)
        theirs = by_pydicom(dataset_of(file_of(pixels, values[5:])), values[5:])
        assert not shown(file)[:5].any()
        assert difference(shown(file)[5:], theirs) < 1


def test_WADO_86_each_frame_has_its_own_rescaling_and_window_as_by_pydicom() -> None:
    values = values_of(PIXELS["12 bits"])
    given = [
        elements_of(PIXELS["12 bits"], modality, "a window") for modality in ("rescaled", "rescaled by a fraction")
    ]
    groups = [
        item(
            PixelValueTransformationSequence=[
                item(**{key: found[key] for key in ("RescaleSlope", "RescaleIntercept")})
            ],
            FrameVOILUTSequence=[item(**{key: found[key] for key in ("WindowCenter", "WindowWidth")})],
        )
        for found in given
    ]
    frames = np.stack((values, values[::-1]))
    file = file_of(PIXELS["12 bits"], frames, NumberOfFrames=2, PerFrameFunctionalGroupsSequence=groups)
    for number, (frame, found) in enumerate(zip(frames, given, strict=True), 1):
        alone = dataset_of(file_of(PIXELS["12 bits"], frame, **found))
        assert difference(shown(file, number), by_pydicom(alone, frame)) < 1
