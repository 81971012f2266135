"""From the color spaces of PS3.3 Section C.7.6.3.1.2 to RGB.

Of what codecs decode, lossy JPEG, JPEG XL and the transformed colors of JPEG 2000 are RGB already, and say so
(`codecs.decoded`). YBR_FULL is left of lossless JPEG, JPEG-LS, RLE, JPEG 2000 without a transform, and native frames;
native frames that are half of their chrominance short have it filled in (`pixel_cells.cells_of`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.rendering.stored_values import in_parts

_WHITE = 255.0
_HALF = 128.0

#: R, G and B of one unit of Y, of Cb and of Cr: the inverse of the standard's equations (ITU-R BT.601).
_FROM_YBR_FULL = np.array(((1.0, 1.0, 1.0), (0.0, -0.344136, 1.772), (1.402, -0.714136, 0.0)), np.float32)
#: Y has 219 of 255 steps and begins at 16; Cb and Cr have 224.
_PARTIAL_STEPS = np.array(((_WHITE / 219,), (_WHITE / 224,), (_WHITE / 224,)), np.float32)
_FROM_YBR_PARTIAL = _PARTIAL_STEPS * _FROM_YBR_FULL

#: What is added up, and what of Y, Cb and Cr is nothing.
_SPACES = {
    "YBR_FULL": (_FROM_YBR_FULL, (0.0, _HALF, _HALF)),
    "YBR_FULL_422": (_FROM_YBR_FULL, (0.0, _HALF, _HALF)),
    "YBR_PARTIAL_422": (_FROM_YBR_PARTIAL, (16.0, _HALF, _HALF)),
    "YBR_PARTIAL_420": (_FROM_YBR_PARTIAL, (16.0, _HALF, _HALF)),
}
#: The transforms exist in codestreams only: of decoded pixels, their names were left behind by who decoded them.
_ALREADY_RGB = frozenset({"RGB", "YBR_RCT", "YBR_ICT"})

COLOR_SPACES = _ALREADY_RGB | _SPACES.keys()


def to_rgb(samples: NDArray[Any], color_space: str, bits: int) -> NDArray[np.uint8]:
    """Unsigned samples of `bits` bits, in the shape (rows, columns, 3), as 8-bit RGB in the same shape."""
    if color_space in _ALREADY_RGB:
        if samples.dtype == np.uint8 and bits == 8:
            return samples
        return in_parts(samples, lambda part: _rounded(_scaled(part, bits)))
    matrix, zero = _SPACES[color_space]
    return in_parts(samples, lambda part: _rounded((_scaled(part, bits) - np.array(zero, np.float32)) @ matrix))


def _scaled(samples: NDArray[Any], bits: int) -> NDArray[np.float32]:
    """From 0 to 255."""
    if bits == 8:
        return samples.astype(np.float32)
    return (samples * (_WHITE / ((1 << bits) - 1))).astype(np.float32)


def _rounded(samples: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(samples), 0, _WHITE).astype(np.uint8)
