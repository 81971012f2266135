"""Drawings as RGB pixels, with smooth edges, in any viewport."""

from math import ceil, sqrt

import numpy as np
from PIL import Image, ImageDraw

from archive.dicom.rendering.fonts import font
from archive.dicom.rendering.rasters import Raster, flipped
from archive.dicom.rendering.viewport import LARGEST, Placement, Viewport, placed
from archive.dicom.rendering.waveforms.drawings import Anchor, Color, Drawing, Grid, Line, Points, Shape, Text

#: Pixels of a millimetre in the own size of a drawing: 203 dots per inch.
RESOLUTION = 8.0

#: Lines are drawn so many times as wide and high, then made smaller: Pillow's have no smooth edges.
_FINER = 3
#: Of lines that are not thicker, corners need not be round.
_THIN = 2 * _FINER
#: Pixels that are drawn on at a time.
_AT_ONCE = 1 << 23

#: Below so many pixels a millimetre, a line of each would be a gray plain.
_FINEST_GRID, _COARSEST_GRID = 3.0, 1.2

_ANCHORS = {Anchor.START: "ls", Anchor.MIDDLE: "ms", Anchor.END: "rs"}
_SMALLEST_FONT = 2


def drawn(drawing: Drawing, viewport: Viewport) -> Raster:
    """The drawing, or the region of it, as large as the viewport asks for. It is drawn in that size, not scaled to it.

    Raises:
        UnusableViewport: the region shows nothing of the drawing, or is enlarged too much.
    """
    resolution = min(RESOLUTION, sqrt(LARGEST / (drawing.width * drawing.height)))
    columns, rows = round(drawing.width * resolution), round(drawing.height * resolution)
    placement = placed(viewport, columns=columns, rows=rows)
    at_once = max(_AT_ONCE // (placement.width * _FINER**2), 1)
    bands = [
        _band(drawing, placement, resolution, top, min(at_once, placement.height - top))
        for top in range(0, placement.height, at_once)
    ]
    return flipped(np.concatenate(bands), placement)


def _band(drawing: Drawing, placement: Placement, resolution: float, top: int, rows: int) -> Raster:
    """Some rows of the pixels of a placement."""
    width, height = placement.width * _FINER, rows * _FINER
    image = Image.new("RGB", (width, height), Color.PAPER)
    scale = np.array(
        (placement.width / (placement.right - placement.left), placement.height / (placement.bottom - placement.top))
    )
    origin = np.array((placement.left, placement.top)) * scale + (0, top)
    pen = _Pen(image, resolution * scale * _FINER, -origin * _FINER)
    for shape in drawing.shapes:
        pen.draw(shape)
    return np.asarray(image.reduce(_FINER))


class _Pen:
    """Draws shapes in millimetres: a place becomes `place * scale + origin` pixels."""

    def __init__(self, image: Image.Image, scale: Points, origin: Points) -> None:
        self._draw = ImageDraw.Draw(image)
        self._height = image.height
        self._scale, self._origin = scale, origin
        self._finer = float(scale.mean())

    def draw(self, shape: Shape) -> None:
        match shape:
            case Line():
                self._line(shape.points, shape.width, shape.color)
            case Text():
                self._text(shape)
            case Grid():
                self._grid(shape)

    def _line(self, points: Points, width: float, color: Color) -> None:
        pixels = points * self._scale + self._origin
        thickness = max(round(width * self._finer), _FINER)
        if pixels[:, 1].max() < -thickness or pixels[:, 1].min() > self._height + thickness:
            return
        self._draw.line(pixels.ravel().tolist(), color, thickness, joint="curve" if thickness > _THIN else None)

    def _text(self, text: Text) -> None:
        size = max(round(text.size * self._finer), _SMALLEST_FONT)
        x, y = np.array((text.x, text.y)) * self._scale + self._origin
        if -size < y < self._height + 2 * size:
            letters = font(size, bold=text.bold)
            self._draw.text((x, y), text.text, text.color, letters, anchor=_ANCHORS[text.anchor])

    def _grid(self, grid: Grid) -> None:
        """Weaker lines first; those that would run together are left out."""
        fineness = self._finer / _FINER
        for step, color, coarsest in ((1, Color.GRID, _FINEST_GRID), (5, Color.GRID_STRONG, _COARSEST_GRID)):
            if fineness >= coarsest:
                self._lines(grid, step, color)

    def _lines(self, grid: Grid, step: int, color: Color) -> None:
        right, bottom = grid.left + grid.width, grid.top + grid.height
        for count in range(ceil(grid.width) // step + 1):
            x = grid.left + count * step
            self._line(np.array(((x, grid.top), (x, bottom))), 0.02 * step + 0.1, color)
        for count in range(ceil(grid.height) // step + 1):
            y = grid.top + count * step
            self._line(np.array(((grid.left, y), (right, y))), 0.02 * step + 0.1, color)
