"""JPEG 2000 and HTJ2K frames: PS3.5 Sections 8.2.4, 8.2.14 and 10.18."""

import os
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import jpeg2000_markers
from archive.dicom.images.jpeg2000_blocks import check_blocks
from archive.dicom.images.pixel_cells import (
    Cells,
    cells_from,
    check_shape,
    is_signed,
    samples_of,
    squeezed,
    values_of,
)
from archive.dicom.pixel_description import PixelDescription

#: OpenJPEG computes in 32 bits, of which reversible transforms need some to spare; its HTJ2K stops earlier. For noise
#: of a single bit it reserves too little.
_MOST_BITS, _MOST_BITS_OF_HIGH_THROUGHPUT = 22, 16
_FEWEST_BITS = 2

#: Somebody waits for each frame. OpenJPEG decodes in one thread less than it is told.
_THREADS = (os.cpu_count() or 1) + 1

#: PS3.5 Section 10.18: HTJ2K for progressive display has a base resolution of at most this many rows and columns.
_BASE_RESOLUTION = 64
_FEWEST_DECOMPOSITIONS = 5


def decode(codestream: bytes, pixels: PixelDescription) -> Cells:
    """JPEG 2000 and HTJ2K; the color transform that the codestream says it has gone through is undone."""
    codestream = jpeg2000_markers.codestream_of(codestream)
    header = jpeg2000_markers.read_header(codestream)
    check_shape(header.rows, header.columns, header.components, header.precision, pixels)
    if header.subsampled:
        raise NoCodec("There is no codec for JPEG 2000 with subsampled components.")
    if not header.ended:
        raise MalformedPixelData("A JPEG 2000 codestream has no end (EOC).")
    check_blocks(codestream, header)
    # HTJ2K too: OpenJPH as it is bound here neither clamps what is out of range nor tells of every error.
    samples = samples_of(imagecodecs.jpeg2k_decode, codestream, numthreads=_THREADS)
    return cells_from(samples, precision=header.precision, signed=header.signed, pixels=pixels)


def encode(cells: Cells, pixels: PixelDescription) -> bytes:
    """RGB goes through the reversible transform; other colors, such as YBR_FULL, stay as they are."""
    values, bits = _centered(cells, pixels, most=_MOST_BITS)
    codestream = imagecodecs.jpeg2k_encode(
        values,
        codecformat="J2K",
        bitspersample=max(bits, _FEWEST_BITS),
        level=0,
        reversible=True,
        mct=_transforms(pixels),
        numthreads=1,
    )
    return jpeg2000_markers.with_precision(bytes(codestream), bits, signed=is_signed(pixels))


def encode_high_throughput(cells: Cells, pixels: PixelDescription) -> bytes:
    """HTJ2K in the form for progressive display (PS3.5 Section 10.18), which is one of plain lossless HTJ2K too."""
    values, bits = _centered(cells, pixels, most=_MOST_BITS_OF_HIGH_THROUGHPUT)
    side = max(pixels.rows, pixels.columns)
    codestream = imagecodecs.htj2k_encode(
        values,
        reversible=True,
        rgb=_transforms(pixels),
        resolutions=max(_FEWEST_DECOMPOSITIONS, ((side - 1) // _BASE_RESOLUTION).bit_length()),
        tlm=True,
        tilepart=imagecodecs.HTJ2K.TILEPART.RESOLUTIONS,
    )
    return jpeg2000_markers.with_precision(bytes(codestream), bits, signed=is_signed(pixels))


def _centered(cells: Cells, pixels: PixelDescription, *, most: int) -> tuple[NDArray[Any], int]:
    """The values as the encoder sees them, around 0, and the bits that the header is to say.

    The encoders take the precision from the array or want some to spare. To code more bits than the header says is
    within the standard; and unsigned samples are signed ones to which the decoder adds half their range.
    """
    values, bits = values_of(cells, pixels)
    if bits > most:
        raise NoCodec(f"There is no encoder here for JPEG 2000 of {bits} bits.")
    half = 0 if is_signed(pixels) else 1 << bits - 1
    size = next(size for size in (8, 16, 32) if bits <= size)
    return squeezed((values.astype(np.int32) - half).astype(f"<i{size // 8}")), bits


def _transforms(pixels: PixelDescription) -> bool:
    return pixels.samples_per_pixel == 3 and pixels.photometric_interpretation == "RGB"
