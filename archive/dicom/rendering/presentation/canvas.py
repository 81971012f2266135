"""A raster that is drawn on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.fonts import font
from archive.dicom.rendering.lettering import LINE_HEIGHT
from archive.dicom.rendering.presentation import coverage
from archive.dicom.rendering.presentation.coverage import Coverage, Points
from archive.dicom.rendering.presentation.inks import BLACK, WHITE, Ink, is_neutral
from archive.dicom.rendering.rasters import Raster

#: Pixels that are worked on for all that is drawn: seconds, whatever a file asks for.
_MOST_WORK = 1 << 26
#: In pixels that are worked on, the time that each drawing takes whatever its size.
_EACH = 1 << 12
#: So many pixels are looked through in the time that it takes to work on one.
_SCANNED = 32
#: How much longer it takes to draw around a letter than to draw it.
_OUTLINED = 4
#: Pixels that are worked on at a time.
_AT_ONCE = 1 << 20


@dataclass(slots=True)
class Canvas:
    """`raster` is gray until something in color is drawn."""

    raster: Raster
    _spent: int = 0

    @property
    def height(self) -> int:
        return len(self.raster)

    @property
    def width(self) -> int:
        return len(self.raster[0])

    def lines(self, lines: Sequence[Points], width: float, ink: Ink) -> None:
        """Lines, each through its points (`coverage.of_lines`)."""
        self._spend(coverage.work_of_lines(lines, width, longest=max(self.width, self.height)))
        self._draw(lines, ink, width, lambda moved, **size: coverage.of_lines(moved, width, **size))

    def polygon(self, points: Points, ink: Ink) -> None:
        """A polygon, filled (`coverage.of_polygon`)."""
        self._spend(len(points) * self.height * coverage.FINEST)
        self._draw([points], ink, 0, lambda moved, **size: coverage.of_polygon(moved[0], **size))

    def write(self, lines: Sequence[tuple[str, float]], top: float, size: int, ink: Ink) -> None:
        """Lines of text, each with where it begins from the left, outlined so that they are seen on any ground."""
        ground = WHITE if sum(ink) < sum(WHITE) / 2 else BLACK
        for outline, color in ((max(size // 12, 1), ground), (0, ink)):
            for number, (line, left) in enumerate(lines):
                self._spend(len(line) * size**2 * (_OUTLINED if outline else 1))
                letters, beside, above = _letters(line, size, outline)
                place = round(top + number * size * LINE_HEIGHT)
                self.fill(letters, color, round(left) + beside, place + above)

    def fill(self, covered: NDArray[Any], ink: Ink, left: int = 0, top: int = 0) -> None:
        """Put ink on pixels from a place on.

        Args:
            covered: (rows, columns), from 0 to 255 for how much of a pixel is covered, or true where it is.
        """
        covered = covered[max(-top, 0) :, max(-left, 0) :]
        left, top = max(left, 0), max(top, 0)
        if not is_neutral(ink) and self.raster.ndim == 2:
            self.raster = np.repeat(self.raster[..., None], 3, axis=2)
        elif not self.raster.flags.writeable:
            self.raster = self.raster.copy()
        target = self.raster[top : top + covered.shape[0], left : left + covered.shape[1]]
        covered = covered[: target.shape[0], : target.shape[1]]
        color = np.array(ink, np.int32) if self.raster.ndim == 3 else np.int32(ink[0])
        if covered.dtype == np.bool_:
            target[covered] = color
            return
        self._spend(_EACH + covered.size // _SCANNED)
        step = max(1, _AT_ONCE // max(1, covered.shape[1]))
        for first in range(0, len(covered), step):
            self._blend(target[first : first + step], covered[first : first + step], color)

    def _blend(self, target: Raster, covered: Coverage, color: Any) -> None:
        """Put color on pixels as far as they are covered."""
        inked = np.unravel_index(np.flatnonzero(covered != 0), covered.shape)
        share = covered[inked].astype(np.int32)
        self._spend(len(share))
        if target.ndim == 3:
            share = share[:, None]
        target[inked] = (target[inked] * (255 - share) + color * share + 127) // 255

    def _spend(self, work: int) -> None:
        self._spent += work
        if self._spent > _MOST_WORK:
            raise NotRenderable("The annotations of a frame take too long to draw.")

    def _draw(self, lines: Sequence[Points], ink: Ink, width: float, draw: Callable[..., Coverage]) -> None:
        """What is drawn through points, in a box around them."""
        points = np.concatenate(lines)
        left, top = np.maximum(np.floor(points.min(axis=0) - width), 0).astype(int).tolist()
        right, bottom = np.ceil(points.max(axis=0) + width).astype(int).tolist()
        columns, rows = min(right, self.width) - left, min(bottom, self.height) - top
        if columns > 0 and rows > 0:
            moved = [line - (left, top) for line in lines]
            self.fill(draw(moved, columns=columns, rows=rows), ink, left, top)


def _letters(line: str, size: int, outline: int) -> tuple[Coverage, int, int]:
    """A line of text, and how far to the right and down it begins from its place."""
    left, top, right, bottom = font(size).getbbox(line, stroke_width=outline)
    stencil = Image.new("L", (ceil(right) - floor(left), ceil(bottom) - floor(top)))
    ImageDraw.Draw(stencil).text((-floor(left), -floor(top)), line, 255, font(size), stroke_width=outline)
    return np.asarray(stencil), floor(left), floor(top)
