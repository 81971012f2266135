"""What is covered so that it does not dazzle: Display Shutter and Bitmap Display Shutter Modules.

PS3.3 Sections C.7.6.11, C.7.6.15 and C.11.12. Rows and columns count from 1 in the image as it is stored; the pixels on
the edges of a shutter are seen.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from archive.dicom.errors import NotRenderable
from archive.dicom.images.pixel_cells import Cells
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.overlay_planes import overlay_planes
from archive.dicom.rendering.presentation.inks import BLACK, Ink, ink

SHUTTER_SHAPE = "00181600"
LEFT_VERTICAL_EDGE, RIGHT_VERTICAL_EDGE = "00181602", "00181604"
UPPER_HORIZONTAL_EDGE, LOWER_HORIZONTAL_EDGE = "00181606", "00181608"
CENTER_OF_CIRCULAR_SHUTTER, RADIUS_OF_CIRCULAR_SHUTTER = "00181610", "00181612"
VERTICES_OF_POLYGONAL_SHUTTER, SHUTTER_OVERLAY_GROUP = "00181620", "00181623"
SHUTTER_PRESENTATION_VALUE, SHUTTER_PRESENTATION_COLOR = "00181622", "00181624"

#: Farther away, vertices are as good as anywhere.
_FARTHEST = 1 << 17

#: Rows times vertices: for each row of a polygon all its edges are looked at, and nobody else is served meanwhile.
_MOST_EDGES = 1 << 23

Mask = NDArray[np.bool_]


def shutter_ink(attributes: Attributes) -> Ink:
    """What is seen instead of the image; black where it is not said."""
    return ink(attributes, gray=SHUTTER_PRESENTATION_VALUE, cielab=SHUTTER_PRESENTATION_COLOR) or BLACK


def covered_pixels(attributes: Attributes, cells: Cells, number: int, pixel_aspect: float = 1) -> Mask | None:
    """Which pixels of an image (rows, columns) a shutter covers; None when there is none.

    Of several shapes, each covers what it does.

    Args:
        cells: of the frame.
        number: the frame's, from 1.
        pixel_aspect: the height of a pixel for its width, for a circle is one on the display.
    """
    shapes = {shape.strip().upper() for shape in attributes.values(SHUTTER_SHAPE) if isinstance(shape, str)}
    rows, columns = cells.shape[:2]
    masks = []
    if "RECTANGULAR" in shapes:
        masks.append(_beside_rectangle(attributes, rows, columns))
    if "CIRCULAR" in shapes:
        masks.append(_beside_circle(attributes, rows, columns, pixel_aspect))
    if "POLYGONAL" in shapes:
        masks.append(_beside_polygon(attributes, rows, columns))
    if "BITMAP" in shapes:
        masks.append(_bitmap(attributes, cells, number))
    return np.logical_or.reduce(masks) if masks else None


def _beside_rectangle(attributes: Attributes, rows: int, columns: int) -> Mask:
    keys = (LEFT_VERTICAL_EDGE, RIGHT_VERTICAL_EDGE, UPPER_HORIZONTAL_EDGE, LOWER_HORIZONTAL_EDGE)
    edges = [attributes.number(key) for key in keys]
    left, right, upper, lower = (_given(edge) for edge in edges)
    row, column = _grid(rows, columns)
    return (column < left) | (column > right) | (row < upper) | (row > lower)


def _beside_circle(attributes: Attributes, rows: int, columns: int, pixel_aspect: float) -> Mask:
    center, radius = attributes.numbers(CENTER_OF_CIRCULAR_SHUTTER), attributes.number(RADIUS_OF_CIRCULAR_SHUTTER)
    if len(center) != 2 or not np.isfinite(center).all():
        raise NotRenderable("A circular shutter has no center (0018,1610).")
    row, column = _grid(rows, columns)
    beside: Mask = ((row - center[0]) * pixel_aspect) ** 2 + (column - center[1]) ** 2 > _given(radius) ** 2
    return beside


def _beside_polygon(attributes: Attributes, rows: int, columns: int) -> Mask:
    numbers = attributes.numbers(VERTICES_OF_POLYGONAL_SHUTTER)
    if len(numbers) < 6 or len(numbers) % 2 or not np.isfinite(numbers).all():
        raise NotRenderable("A polygonal shutter has no vertices (0018,1620).")
    if len(numbers) // 2 * rows > _MOST_EDGES:
        raise NotRenderable("A polygonal shutter has too many vertices (0018,1620).")
    vertices = np.clip(numbers, -_FARTHEST, _FARTHEST).reshape(-1, 2)[:, ::-1] - 1
    seen = Image.new("1", (columns, rows))
    ImageDraw.Draw(seen).polygon(list(map(tuple, vertices)), fill=1, outline=1)
    return ~np.asarray(seen)


def _bitmap(attributes: Attributes, cells: Cells, number: int) -> Mask:
    """The overlay of the presentation state whose group is named: 1 covers."""
    group = attributes.integer(SHUTTER_OVERLAY_GROUP)
    for plane in overlay_planes(attributes):
        if int(plane.group, 16) == group:
            return plane.mask(number, cells) if plane.shows_in(number) else np.zeros(cells.shape[:2], np.bool_)
    raise NotRenderable("A bitmap shutter has no overlay (0018,1623).")


def _given(value: float | None) -> float:
    if value is None:
        raise NotRenderable("A shutter has no edges (0018,1602) to (0018,1608), or no radius (0018,1612).")
    return value


def _grid(rows: int, columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.arange(1.0, rows + 1)[:, None], np.arange(1.0, columns + 1)[None, :]
