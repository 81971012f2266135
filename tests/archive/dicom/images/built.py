"""Images for tests of codecs: what a data set says of pixels, and pixels."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from archive.dicom.pixel_description import PixelDescription
from tests.builders import instance

UID = "1.2.840.10008.1.2"
RLE, JPEG_LS, JPEG_2000, HTJ2K, HTJ2K_RPCL = (f"{UID}{end}" for end in (".5", ".4.80", ".4.90", ".4.201", ".4.202"))
ENCODED = (RLE, JPEG_LS, JPEG_2000, HTJ2K, HTJ2K_RPCL)

ROWS, COLUMNS = 24, 40

GRAY_12 = PixelDescription(
    rows=ROWS,
    columns=COLUMNS,
    samples_per_pixel=1,
    photometric_interpretation="MONOCHROME2",
    bits_allocated=16,
    bits_stored=12,
    high_bit=11,
    pixel_representation=0,
)
GRAY_8 = replace(GRAY_12, bits_allocated=8, bits_stored=8, high_bit=7)
SIGNED_12 = replace(GRAY_12, pixel_representation=1)
RGB = replace(GRAY_8, samples_per_pixel=3, photometric_interpretation="RGB")
YBR_FULL = replace(RGB, photometric_interpretation="YBR_FULL")


def ramp(pixels: PixelDescription) -> NDArray[Any]:
    """Smooth values over the whole range of the pixels, in the shape (rows, columns) or (rows, columns, samples)."""
    rows, columns = np.mgrid[0 : pixels.rows, 0 : pixels.columns]
    samples = np.stack([rows * (3 + sample) + columns * 7 for sample in range(pixels.samples_per_pixel)], axis=-1)
    values = samples * ((1 << pixels.bits_stored) - 1) // samples.max()
    if pixels.pixel_representation:
        values -= 1 << pixels.bits_stored - 1
    kind = "i" if pixels.pixel_representation else "u"
    return values.astype(f"<{kind}{pixels.bits_allocated // 8}").squeeze()


def pixels_of(frame: bytes, pixels: PixelDescription) -> NDArray[Any]:
    """The numbers of a native frame, color by pixel, in the shape that `ramp` gives."""
    kind = "i" if pixels.pixel_representation else "u"
    shape = (pixels.rows, pixels.columns, pixels.samples_per_pixel)
    return np.frombuffer(frame, f"<{kind}{pixels.bits_allocated // 8}").reshape(shape).squeeze()


def described(pixels: PixelDescription, **elements: Any) -> Dataset:
    """An instance of such pixels."""
    return instance(
        Rows=pixels.rows,
        Columns=pixels.columns,
        SamplesPerPixel=pixels.samples_per_pixel,
        PlanarConfiguration=pixels.planar_configuration if pixels.samples_per_pixel > 1 else None,
        PhotometricInterpretation=pixels.photometric_interpretation,
        BitsAllocated=pixels.bits_allocated,
        BitsStored=pixels.bits_stored,
        HighBit=pixels.high_bit,
        PixelRepresentation=pixels.pixel_representation,
        **elements,
    )
