"""Pixel cells as the numbers that they hold: PS3.3 Section C.7.6.3.1, PS3.5 Section 8.1.1."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.images.pixel_cells import Cells, is_signed
from archive.dicom.pixel_data import DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.attributes import Attributes

#: Bytes of a value that a table is made for; the difference of two has to have room in an int64.
_LARGEST_INTEGER = 4

#: So many values are worked on at a time.
_AT_ONCE = 1 << 20

#: From values to gray, value by value, or to RGB.
_Shown = Callable[[NDArray[Any]], NDArray[np.uint8]]

_FLOAT_BITS = {f"{FLOAT_PIXEL_DATA:08X}": 32, f"{DOUBLE_FLOAT_PIXEL_DATA:08X}": 64}


def stored_values(cells: Cells, pixels: PixelDescription, attributes: Attributes) -> NDArray[Any]:
    """The numbers in cells, in their shape: integers without what else is in their cells, or floats."""
    for key, bits in _FLOAT_BITS.items():
        if key in attributes:
            if pixels.bits_allocated != bits:
                raise NotRenderable(f"Pixels of {pixels.bits_allocated} bits allocated are in {key}.")
            return cells.view(f"<f{cells.itemsize}")
    return integers(cells, pixels, signed=is_signed(pixels))


def integers(cells: Cells, pixels: PixelDescription, *, signed: bool) -> NDArray[Any]:
    """The Bits Stored up to High Bit. The other bits of a cell may hold overlays, or nothing that means anything."""
    if pixels.bits_allocated == 1:
        return cells
    size, high = 8 * cells.itemsize, pixels.high_bit
    if not pixels.bits_stored - 1 <= high < size:
        high = pixels.bits_stored - 1
    kind = f"<{'i' if signed else 'u'}{cells.itemsize}"
    if pixels.bits_stored == size:
        return cells.view(kind)
    return (cells << (size - 1 - high)).view(kind) >> (size - pixels.bits_stored)


def by_value(values: NDArray[Any], shown: _Shown) -> NDArray[np.uint8]:
    """`shown(values)`, worked out once for each value that may occur when there are fewer of these than pixels."""
    if values.dtype.kind != "f" and values.dtype.itemsize <= _LARGEST_INTEGER:
        low, high = int(values.min()), int(values.max())
        if high - low < values.size:
            table = shown(np.arange(low, high + 1))
            return in_parts(values, lambda part: table[part.astype(np.int64) - low] if low else table[part])
    return in_parts(values, shown)


def in_parts(values: NDArray[Any], shown: _Shown) -> NDArray[np.uint8]:
    """`shown(values)`, some rows at a time: what it takes in between is several times as large as the pixels."""
    rows = max(1, _AT_ONCE * len(values) // values.size)
    if rows >= len(values):
        return shown(values)
    return np.concatenate([shown(values[start : start + rows]) for start in range(0, len(values), rows)])


def range_of(pixels: PixelDescription) -> tuple[int, int]:
    """The least and the greatest integer that Bits Stored can hold."""
    if is_signed(pixels):
        return -(1 << pixels.bits_stored - 1), (1 << pixels.bits_stored - 1) - 1
    return 0, (1 << pixels.bits_stored) - 1
