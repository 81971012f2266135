"""Which part of an image is displayed, and how large: the Displayed Area Module (PS3.3 Section C.10.4)."""

from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np

from archive.dicom.errors import NotRenderable, UnusableViewport
from archive.dicom.images.pixel_cells import LONGEST_SIDE
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.pixel_aspect import ratio
from archive.dicom.rendering.presentation.references import Frame, items_for
from archive.dicom.rendering.presentation.spatial_transformation import SpatialTransformation
from archive.dicom.rendering.rasters import Raster, fitted
from archive.dicom.rendering.viewport import LARGEST, Placement, Viewport

DISPLAYED_AREA_SELECTION_SEQUENCE = "0070005A"
TOP_LEFT_HAND_CORNER, BOTTOM_RIGHT_HAND_CORNER, PIXEL_ORIGIN_INTERPRETATION = "00700052", "00700053", "00480301"
PRESENTATION_SIZE_MODE, PRESENTATION_PIXEL_MAGNIFICATION_RATIO = "00700100", "00700103"
PRESENTATION_PIXEL_SPACING, PRESENTATION_PIXEL_ASPECT_RATIO = "00700101", "00700102"

#: Corners are of VR SL.
_FARTHEST = 1 << 31
#: The height of a pixel for its width, at most and, the other way round, at least.
_MOST_ASPECT = 1000.0


@dataclass(frozen=True, slots=True)
class DisplayedArea:
    """A part of an image as it is stored, in its pixels; it may be larger than the image, or beside it.

    Args:
        pixel_aspect: the height of a pixel for its width.
        magnification: pixels of the display for one of the image; None where the display may choose.
    """

    left: float
    top: float
    right: float
    bottom: float
    pixel_aspect: float = 1
    magnification: float | None = None

    @classmethod
    def of(cls, attributes: Attributes, frame: Frame, *, columns: int, rows: int) -> Self:
        """What is selected of a frame; the whole of it where nothing is.

        TRUE SIZE wants the size of a display's pixels, which nobody knows here: it is taken for SCALE TO FIT.
        """
        item = next(iter(items_for(attributes, DISPLAYED_AREA_SELECTION_SEQUENCE, frame)), None)
        if item is None:
            return cls(0, 0, columns, rows)
        if item.text(PIXEL_ORIGIN_INTERPRETATION) == "VOLUME":
            raise NotRenderable("Displayed areas of a total pixel matrix (0048,0301) are not rendered.")
        corners = item.numbers(TOP_LEFT_HAND_CORNER), item.numbers(BOTTOM_RIGHT_HAND_CORNER)
        if not all(len(corner) == 2 and all(abs(value) <= _FARTHEST for value in corner) for corner in corners):
            raise NotRenderable("A displayed area has no corners (0070,0052), (0070,0053).")
        # Which corner is the top left one depends on how the image is turned.
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(*corners, strict=True))
        return cls(left - 1, top - 1, right, bottom, _pixel_aspect(item), _magnification(item))


@dataclass(frozen=True, slots=True)
class Display:
    """Where an image comes to lie in what is shown of it.

    Args:
        transformation: how it is turned.
        columns, rows: of the image as it is stored.
        left, top, across, down: the displayed area, in the pixels of the image as it is turned.
        width, height: of what is shown.
    """

    transformation: SpatialTransformation
    columns: int
    rows: int
    left: float
    top: float
    across: float
    down: float
    width: int
    height: int

    @classmethod
    def of(
        cls, area: DisplayedArea, transformation: SpatialTransformation, viewport: Viewport, *, columns: int, rows: int
    ) -> Self:
        """The area as large as the viewport takes; without one, as the area itself says, or pixel by pixel.

        Raises:
            UnusableViewport: it would be enlarged to more than `LARGEST` pixels.
        """
        corners = (area.left, area.top), (area.right, area.bottom)
        turned = [transformation.point(x, y, columns, rows) for x, y in corners]
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(*turned, strict=True))
        aspect = 1 / area.pixel_aspect if transformation.is_sideways else area.pixel_aspect
        most = max(LARGEST, columns * rows)
        width, height = _size(viewport, right - left, bottom - top, aspect, area.magnification or 1, most)
        return cls(transformation, columns, rows, left, top, right - left, bottom - top, width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the image as it is stored is shown."""
        x, y = self.transformation.point(x, y, self.columns, self.rows)
        return (x - self.left) * self.width / self.across, (y - self.top) * self.height / self.down

    def fraction(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the displayed area is shown that is 0, 0 and 1, 1 in its corners."""
        return x * self.width, y * self.height

    def shown(self, raster: Raster) -> Raster:
        """The image, and black where there is nothing of it."""
        turned = self.transformation.apply(raster)
        columns, rows = turned.shape[1], turned.shape[0]
        horizontal = _within(self.left, self.across, columns, self.width)
        vertical = _within(self.top, self.down, rows, self.height)
        if horizontal is None or vertical is None:
            return np.zeros((self.height, self.width, *raster.shape[2:]), np.uint8)
        (left, right, first, last), (top, bottom, upper, lower) = horizontal, vertical
        part = fitted(turned, Placement(left, top, right, bottom, last - first, lower - upper))
        if part.shape[:2] == (self.height, self.width):
            return part
        shown = np.zeros((self.height, self.width, *raster.shape[2:]), np.uint8)
        shown[upper:lower, first:last] = part
        return shown


def _within(start: float, extent: float, length: int, shown: int) -> tuple[float, float, int, int] | None:
    """From where to where of an image's side is seen, and the pixels where it is; None when nothing is."""
    low, high = max(start, 0), min(start + extent, length)
    if high <= low:
        return None
    scale = shown / extent
    first = min(round((low - start) * scale), shown - 1)
    return low, high, first, min(max(round((high - start) * scale), first + 1), shown)


def _size(
    viewport: Viewport, across: float, down: float, aspect: float, magnification: float, most: int
) -> tuple[int, int]:
    """In square pixels: a side of theirs is the longer side of the image's, so that none is lost."""
    across, down = across * max(1, 1 / aspect), down * max(1, aspect)
    sides = (viewport.width, across), (viewport.height, down)
    largest = min(magnification, LONGEST_SIDE / across, LONGEST_SIDE / down, sqrt(most / across / down))
    scale = min((bound / length for bound, length in sides if bound is not None), default=largest)
    width, height = max(round(across * scale), 1), max(round(down * scale), 1)
    if width * height > most + LONGEST_SIDE:
        raise UnusableViewport(f"Images are not enlarged to more than {LARGEST} pixels.")
    return width, height


def _pixel_aspect(item: Attributes) -> float:
    """Vertical for horizontal; square where it makes no sense."""
    given = map(item.numbers, (PRESENTATION_PIXEL_SPACING, PRESENTATION_PIXEL_ASPECT_RATIO))
    return next(filter(None, (ratio(numbers, most=_MOST_ASPECT) for numbers in given)), 1.0)


def _magnification(item: Attributes) -> float | None:
    ratio = item.number(PRESENTATION_PIXEL_MAGNIFICATION_RATIO)
    return ratio if item.text(PRESENTATION_SIZE_MODE) == "MAGNIFY" and ratio and ratio > 0 else None
