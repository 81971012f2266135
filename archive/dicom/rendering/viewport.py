"""Which part of an image is rendered, and how large (PS3.18 Sections 8.3.5.1.3 and 9.5): geometry, without pixels."""

from dataclasses import dataclass

from archive.dicom.errors import UnusableViewport

#: To how many pixels an image is enlarged: more than the displays have on which images are read. To ask for more would
#: cost a client nothing, and the archive gigabytes.
LARGEST = 1 << 24

#: A region that is thinner than this, in pixels of the image, shows nothing.
_THINNEST = 0.01


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an image, in its pixels.

    Args:
        width: up to the right edge where it is None; the part is flipped horizontally where it is negative.
        height: up to the bottom edge where it is None; the part is flipped vertically where it is negative.
    """

    left: float = 0
    top: float = 0
    width: float | None = None
    height: float | None = None


@dataclass(frozen=True, slots=True)
class RelativeRegion:
    """A part of an image, from 0 at its left and top edges to 1 at its right and bottom edges."""

    left: float
    top: float
    right: float
    bottom: float

    def of(self, *, columns: int, rows: int) -> Region:
        width, height = self.right - self.left, self.bottom - self.top
        return Region(self.left * columns, self.top * rows, width * columns, height * rows)


@dataclass(frozen=True, slots=True)
class Viewport:
    """What an image is to be fitted into.

    Args:
        width: at most; None where only the height is bounded, or nothing is.
        height: at most; None where only the width is bounded, or nothing is.
        region: None for the whole image.
    """

    width: int | None = None
    height: int | None = None
    region: Region | RelativeRegion | None = None


#: The whole image in its own size.
WHOLE = Viewport()


@dataclass(frozen=True, slots=True)
class Placement:
    """A box of an image, the size that it is scaled to, and how it is flipped afterwards."""

    left: float
    top: float
    right: float
    bottom: float
    width: int
    height: int
    flipped_horizontally: bool = False
    flipped_vertically: bool = False


def placed(viewport: Viewport, *, columns: int, rows: int, pixel_aspect: float = 1) -> Placement:
    """Where the pixels of an image go.

    What of a region lies outside of the image is cut off. In its own size (WADO-93) an image keeps its matrix; scaled,
    its pixels become square, and one side at least is that of the viewport (WADO-89).

    Args:
        pixel_aspect: the height of a pixel for its width; finite, and above 0.

    Raises:
        UnusableViewport: the region shows nothing of the image, or is enlarged to more than `LARGEST` pixels.
    """
    region = viewport.region or Region()
    if isinstance(region, RelativeRegion):
        region = region.of(columns=columns, rows=rows)
    left, right = _within(region.left, region.width, columns)
    top, bottom = _within(region.top, region.height, rows)
    width, height = _size(viewport, right - left, bottom - top, pixel_aspect)
    return Placement(left, top, right, bottom, width, height, (region.width or 0) < 0, (region.height or 0) < 0)


def _within(start: float, extent: float | None, length: int) -> tuple[float, float]:
    """From where to where a region goes along a side of an image."""
    stop = length if extent is None else min(start + abs(extent), length)
    start = max(start, 0)
    if stop - start < _THINNEST:
        raise UnusableViewport("The region of the viewport has nothing of the image.")
    return start, stop


def _size(viewport: Viewport, across: float, down: float, pixel_aspect: float) -> tuple[int, int]:
    """The width and the height of the image that comes out."""
    if viewport.width is None and viewport.height is None:
        return _pixels(across), _pixels(down)
    sides = (viewport.width, across), (viewport.height, down * pixel_aspect)
    scale = min(bound / length for bound, length in sides if bound is not None)
    width, height = _pixels(across * scale), _pixels(down * pixel_aspect * scale)
    if width * height > max(LARGEST, across * down):
        raise UnusableViewport(f"Images are not enlarged to more than {LARGEST} pixels.")
    return width, height


def _pixels(length: float) -> int:
    return max(round(length), 1)
