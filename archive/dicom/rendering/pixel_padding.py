"""Pixels that are no part of the image: Pixel Padding Value and its range (PS3.3 Section C.7.5.1.1.2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.rendering.attributes import Attributes

#: The value and the limit of its range, by the size of float pixels; integers have the first pair.
_INTEGER = ("00280120", "00280121")
_FLOAT = {4: ("00280122", "00280124"), 8: ("00280123", "00280125")}


def padded(values: NDArray[Any], attributes: Attributes, bits: int) -> NDArray[np.bool_] | None:
    """Which stored values are padding, or no numbers at all; None when the data set has no padding.

    Args:
        values: of any shape.
        bits: of a pixel cell. A value that was written with a sign, or without, unlike the pixels is wrapped into them.
    """
    floating = values.dtype.kind == "f"
    ends = [attributes.number(key) for key in (_FLOAT[values.dtype.itemsize] if floating else _INTEGER)]
    mask = ~np.isfinite(values) if floating else None
    if ends[0] is None:
        return mask
    bounds = [end for end in ends if end is not None]
    if not floating:
        least = -(1 << bits - 1) if values.dtype.kind == "i" else 0
        bounds = [(end - least) % (1 << bits) + least for end in bounds]
    inside = (values >= min(bounds)) & (values <= max(bounds))
    return inside if mask is None else inside | mask
