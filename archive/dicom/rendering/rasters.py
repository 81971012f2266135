"""Rendered images as arrays: cut, scaled and flipped into a viewport (PS3.18 Section 8.3.5.1.3)."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Resampling

from archive.dicom.rendering.viewport import Placement

#: Shades of gray in the shape (rows, columns), or RGB in the shape (rows, columns, 3).
Raster = NDArray[np.uint8]


def fitted(raster: Raster, placement: Placement) -> Raster:
    """What the placement names of a raster; where nothing is scaled, a view of it with the same values."""
    return flipped(_cut(raster, placement) if _is_cut(placement) else _scaled(raster, placement), placement)


def flipped(raster: Raster, placement: Placement) -> Raster:
    """A view of a raster, turned over as the placement says."""
    across = -1 if placement.flipped_horizontally else 1
    down = -1 if placement.flipped_vertically else 1
    return raster[::down, ::across]


def _is_cut(placement: Placement) -> bool:
    """Whether whole pixels of the image are those of the viewport."""
    return (
        float(placement.left).is_integer()
        and float(placement.top).is_integer()
        and placement.right - placement.left == placement.width
        and placement.bottom - placement.top == placement.height
    )


def _cut(raster: Raster, placement: Placement) -> Raster:
    left, top = int(placement.left), int(placement.top)
    return raster[top : top + placement.height, left : left + placement.width]


def _scaled(raster: Raster, placement: Placement) -> Raster:
    """Smaller by a weighted average of the area that each pixel covers, larger by bilinear interpolation.

    Neither makes values that are not between those of the image, as sharper filters do at edges.
    """
    # On CT at any size, Hamming is as near to the image as the plain average, ten times as fast as one that counts
    # parts of pixels, and without the stripes of one that counts whole ones (Pillow's BOX).
    across, down = placement.right - placement.left, placement.bottom - placement.top
    shrinks = placement.width <= across and placement.height <= down
    image = Image.fromarray(raster).resize(
        (placement.width, placement.height),
        Resampling.HAMMING if shrinks else Resampling.BILINEAR,
        box=(placement.left, placement.top, placement.right, placement.bottom),
    )
    return np.asarray(image)
