"""Pixel cells as arrays: between the bytes of native frames (PS3.5 Section 8.1.1) and what codecs give and take."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.pixel_description import PixelDescription

Cells = NDArray[np.unsignedinteger[Any]]

#: Frames larger than this when they are decoded are refused: a few hostile bytes may stand for as many as one likes,
#: and decoders need a multiple of it.
LARGEST_FRAME = 1 << 28

#: Rows and Columns are of VR US.
LONGEST_SIDE = 0xFFFF

_CELL_SIZES = (1, 8, 16, 32, 64)


def checked(pixels: PixelDescription) -> PixelDescription:
    """The description, when a frame can be as it says."""
    if min(pixels.rows, pixels.columns, pixels.samples_per_pixel, pixels.bits_stored) < 1:
        raise MalformedPixelData("Rows, Columns, Samples per Pixel and Bits Stored must be 1 or more.")
    if max(pixels.rows, pixels.columns) > LONGEST_SIDE:
        raise MalformedPixelData(f"Rows and Columns cannot be more than {LONGEST_SIDE}.")
    if pixels.bits_allocated == 1 and pixels.samples_per_pixel > 1:
        raise NoCodec("There is no codec for pixels of one bit in color.")
    if pixels.bits_stored > pixels.bits_allocated:
        raise MalformedPixelData("Bits Stored is more than Bits Allocated.")
    if pixels.bits_allocated not in _CELL_SIZES:
        raise NoCodec(f"There is no codec for pixels of {pixels.bits_allocated} bits allocated.")
    if pixels.frame_length > LARGEST_FRAME:
        raise NoCodec(f"Frames of more than {LARGEST_FRAME} bytes are not decoded or encoded.")
    return pixels


def cells_of(frame: bytes, pixels: PixelDescription) -> Cells:
    """The cells of a native frame in the shape (rows, columns, samples); bytes behind the frame are left out.

    The half of the chrominance that YBR_FULL_422 leaves out (PS3.3 Section C.7.6.3.1.2) is filled in.
    """
    shape = (pixels.rows, pixels.columns, pixels.samples_per_pixel)
    if len(frame) < pixels.frame_length:
        return _upsampled(frame, pixels)
    if pixels.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(frame, np.uint8, pixels.frame_length), bitorder="little")
        return bits[: prod(shape)].reshape(shape)
    cells = np.frombuffer(frame, _cell_type(pixels), prod(shape))
    if pixels.planar_configuration and pixels.samples_per_pixel > 1:
        return np.moveaxis(cells.reshape(shape[2], shape[0], shape[1]), 0, -1)
    return cells.reshape(shape)


def frame_of(cells: Cells, pixels: PixelDescription) -> bytes:
    """The native frame of cells, color by pixel."""
    if pixels.bits_allocated == 1:
        return np.packbits(cells, bitorder="little").tobytes()
    return cells.astype(_cell_type(pixels), copy=False).tobytes()


def is_signed(pixels: PixelDescription) -> bool:
    """Pixel Representation; one bit has no room for a sign."""
    return pixels.pixel_representation == 1 and pixels.bits_allocated > 1


def values_of(cells: Cells, pixels: PixelDescription) -> tuple[NDArray[Any], int]:
    """The cells as signed or unsigned numbers, no wider than need be, and the bits a codestream needs to hold them.

    Bits Stored, or the whole cell when there is more in some cell than that, such as overlays in its unused bits.
    """
    bits = pixels.bits_stored
    if is_signed(pixels):
        values, low, high = cells.view(f"<i{cells.itemsize}"), -(1 << bits - 1), (1 << bits - 1) - 1
    else:
        values, low, high = cells, 0, (1 << bits) - 1
    if not low <= int(values.min()) <= int(values.max()) <= high:
        bits = 8 * cells.itemsize
    size = next(size for size in (1, 2, 4, 8) if bits <= 8 * size)
    return values.astype(f"<{values.dtype.kind}{size}"), bits


def cells_from(samples: NDArray[Any], *, precision: int, signed: bool, pixels: PixelDescription) -> Cells:
    """The cells of what a codestream of `precision` bits decodes to; its sign may not be that of the data set.

    Unsigned samples of signed pixels are two's complement, so their sign is extended to the cell; signed samples of
    unsigned pixels are cut to their bits. A codestream as wide as the cell holds the cell as it was.
    """
    shape = (pixels.rows, pixels.columns, pixels.samples_per_pixel)
    if samples.size != prod(shape):
        raise MalformedPixelData(f"A codestream decodes to {samples.size} samples where {prod(shape)} belong.")
    cells: Cells = samples.reshape(shape).astype(_cell_type(pixels), copy=False)
    if precision >= pixels.bits_allocated or signed == is_signed(pixels):
        return cells
    if signed:
        return cells & cells.dtype.type((1 << precision) - 1)
    unused = pixels.bits_allocated - min(precision, pixels.bits_stored)
    return ((cells << unused).view(f"<i{cells.itemsize}") >> unused).view(cells.dtype)


def samples_of(decoder: Callable[..., NDArray[Any]], codestream: bytes, **options: Any) -> NDArray[Any]:
    """What a decoder of imagecodecs gives. Its messages speak of functions, markers and sizes, never of values."""
    try:
        return decoder(codestream, **options)
    except (RuntimeError, ValueError) as problem:
        raise MalformedPixelData(f"A codestream cannot be decoded: {problem}.") from problem


def check_shape(rows: int, columns: int, components: int, precision: int, pixels: PixelDescription) -> None:
    """Refuse a codestream that is not of the shape that the data set says."""
    if (rows, columns, components) != (pixels.rows, pixels.columns, pixels.samples_per_pixel):
        raise MalformedPixelData(
            f"A codestream of {rows} rows, {columns} columns and {components} components is where the data set says "
            f"{pixels.rows}, {pixels.columns} and {pixels.samples_per_pixel}."
        )
    if precision > pixels.bits_allocated:
        raise MalformedPixelData(f"A codestream of {precision} bits is in cells of {pixels.bits_allocated}.")


def squeezed(samples: NDArray[Any]) -> NDArray[Any]:
    """Gray images have two axes where the libraries are concerned."""
    return (samples[..., 0] if samples.shape[-1] == 1 else samples).copy()


def _upsampled(frame: bytes, pixels: PixelDescription) -> Cells:
    """Two luminances, one Cb and one Cr become two pixels."""
    shape = (pixels.rows, pixels.columns // 2, 4)
    subsampled = pixels.photometric_interpretation == "YBR_FULL_422" and pixels.samples_per_pixel == 3
    if not subsampled or pixels.columns % 2 or 8 * len(frame) < prod(shape) * pixels.bits_allocated:
        raise MalformedPixelData(f"A native frame has {len(frame)} bytes where {pixels.frame_length} belong.")
    pairs = np.frombuffer(frame, _cell_type(pixels), prod(shape)).reshape(shape)
    cells = np.empty((*shape[:2], 2, 3), pairs.dtype)
    cells[..., 0] = pairs[..., :2]
    cells[..., 1:] = pairs[..., None, 2:]
    return cells.reshape(pixels.rows, pixels.columns, 3)


def _cell_type(pixels: PixelDescription) -> str:
    return f"<u{max(1, pixels.bits_allocated // 8)}"
