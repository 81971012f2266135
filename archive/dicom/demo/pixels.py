"""Pixels into a data set (PS3.3 Section C.7.6.3), compressed by the archive's own encoders."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering import encoders
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
#: What JPEG of this quality loses is not seen.
_QUALITY = 88


def set_gray(
    dataset: Dataset,
    frames: Iterable[NDArray[Any]],
    syntax: str = EXPLICIT_VR_LITTLE_ENDIAN,
    *,
    bits: int = 16,
    photometric_interpretation: str = "MONOCHROME2",
) -> None:
    """Frames of 8-bit or 16-bit integers, of which `bits` are used."""
    cells = list(frames)
    allocated, signed = 8 * cells[0].dtype.itemsize, cells[0].dtype.kind == "i"
    rows, columns = cells[0].shape
    stored = min(bits, allocated)
    pixels = PixelDescription(rows, columns, 1, photometric_interpretation, allocated, stored, stored - 1, int(signed))
    _set(dataset, cells, syntax, pixels)


def set_rgb(dataset: Dataset, frames: Iterable[NDArray[np.uint8]], syntax: str = EXPLICIT_VR_LITTLE_ENDIAN) -> None:
    """Frames of RGB, which are YBR_FULL_422 in name when they become JPEG (PS3.5 Section 8.2.1)."""
    cells = list(frames)
    rows, columns, samples = cells[0].shape
    _set(dataset, cells, syntax, PixelDescription(rows, columns, samples, "RGB", 8, 8, 7, 0))


def set_mask(dataset: Dataset, frames: Iterable[NDArray[np.bool_]]) -> None:
    """Frames of one bit a pixel, without gaps (PS3.5 Section 8.1.1)."""
    cells = list(frames)
    rows, columns = cells[0].shape
    describe(dataset, PixelDescription(rows, columns, 1, "MONOCHROME2", 1, 1, 0, 0), len(cells))
    dataset.PixelData = _even(np.packbits(np.stack(cells), bitorder="little").tobytes())
    dataset["PixelData"].VR = "OB"


def describe(dataset: Dataset, pixels: PixelDescription, count: int) -> None:
    """Image Pixel Description Macro; Number of Frames where the data set has it already."""
    dataset.SamplesPerPixel = pixels.samples_per_pixel
    dataset.PhotometricInterpretation = pixels.photometric_interpretation
    if pixels.samples_per_pixel > 1:
        dataset.PlanarConfiguration = pixels.planar_configuration
    dataset.Rows, dataset.Columns = pixels.rows, pixels.columns
    dataset.BitsAllocated, dataset.BitsStored = pixels.bits_allocated, pixels.bits_stored
    dataset.HighBit, dataset.PixelRepresentation = pixels.high_bit, pixels.pixel_representation
    if "NumberOfFrames" in dataset:
        dataset.NumberOfFrames = count


def _set(dataset: Dataset, cells: list[NDArray[Any]], syntax: str, pixels: PixelDescription) -> None:
    if not transfer_syntax(syntax).encapsulated:
        given, value = pixels, _even(b"".join(frame.tobytes() for frame in cells))
    elif syntax == JPEG_BASELINE:
        given, value = _jpeg(dataset, cells, pixels)
    else:
        given = codecs.encoded(pixels, syntax)
        value = encapsulate([codecs.encode(frame.tobytes(), syntax, pixels) for frame in cells])
    describe(dataset, given, len(cells))
    dataset.PixelData = value
    dataset["PixelData"].VR = "OB" if transfer_syntax(syntax).encapsulated or pixels.bits_allocated == 8 else "OW"


def _jpeg(dataset: Dataset, cells: list[NDArray[Any]], pixels: PixelDescription) -> tuple[PixelDescription, bytes]:
    codestreams = [encoders.encode(frame, "image/jpeg", quality=_QUALITY) for frame in cells]
    ratio = pixels.frame_length * len(cells) / sum(map(len, codestreams))
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionRatio = f"{ratio:.1f}"
    dataset.LossyImageCompressionMethod = "ISO_10918_1"
    return replace(pixels, photometric_interpretation="YBR_FULL_422"), encapsulate(codestreams)


def _even(value: bytes) -> bytes:
    return value + bytes(len(value) % 2)
