"""Overlays in layers: the Overlay Activation Module (PS3.3 Section C.11.7)."""

from collections.abc import Iterator

import numpy as np

from archive.dicom.images.pixel_cells import Cells
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.overlay_planes import OverlayPlane, overlay_planes
from archive.dicom.rendering.rasters import Raster

_ACTIVATION_LAYER = "1001"
_COVERED = 255


def activated(attributes: Attributes, image: Attributes, cells: Cells, number: int) -> Iterator[tuple[str, Raster]]:
    """The layer of each overlay that is shown, and a raster of the image's size with 255 where it is.

    An overlay of the presentation state itself goes before one of the image that has the same group.

    Args:
        cells: of the frame.
        number: the frame's, from 1.
    """
    planes: dict[str, OverlayPlane] = {}
    for source in (image, attributes):
        planes |= {plane.group: plane for plane in overlay_planes(source)}
    for group, plane in sorted(planes.items()):
        layer = attributes.text(group + _ACTIVATION_LAYER)
        if layer and plane.shows_in(number):
            yield layer, plane.mask(number, cells) * np.uint8(_COVERED)
