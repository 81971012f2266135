"""Graphics over an image: the Overlay Plane and Multi-frame Overlay Modules (PS3.3 Sections C.9.2 and C.9.3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.images.pixel_cells import Cells
from archive.dicom.rendering.attributes import Attributes

#: PS3.5 Section 7.6: the sixteen groups that repeat.
GROUPS = tuple(f"{group:04X}" for group in range(0x6000, 0x6020, 2))

_ROWS, _COLUMNS, _FRAMES, _TYPE = "0010", "0011", "0015", "0040"
_ORIGIN, _FIRST_FRAME, _BIT_POSITION, _DATA = "0050", "0051", "0102", "3000"

_REGION_OF_INTEREST = "R"
_WORD = 16
_WHITE = 255
#: As many as the largest images have; their bits are taken apart into bytes.
_LARGEST = 1 << 28


@dataclass(frozen=True, slots=True)
class OverlayPlane:
    """One group of the data set. `top` and `left` are where its first pixel lies in the image, from 0."""

    attributes: Attributes
    group: str
    rows: int
    columns: int
    top: int
    left: int

    def shows_in(self, frame: int) -> bool:
        """Whether it is of a frame, counted from 1. Without a number of frames it is of all of them."""
        count = self._integer(_FRAMES)
        return count is None or 0 <= frame - self._first_frame < count

    def mask(self, frame: int, cells: Cells) -> NDArray[np.bool_]:
        """Where it covers the image whose cells are given, (rows, columns). Of a region of interest, the outline."""
        plane = self._bits(frame) if self.group + _DATA in self.attributes else self._unused_bits(cells)
        if self.attributes.text(self.group + _TYPE) == _REGION_OF_INTEREST:
            plane = _outline(plane)
        mask = np.zeros(cells.shape[:2], np.bool_)
        shown = plane[max(0, -self.top) :, max(0, -self.left) :]
        target = mask[max(0, self.top) :, max(0, self.left) :]
        rows, columns = min(len(shown), len(target)), min(shown.shape[1], target.shape[1])
        target[:rows, :columns] = shown[:rows, :columns]
        return mask

    @property
    def _first_frame(self) -> int:
        return self._integer(_FIRST_FRAME) or 1

    def _integer(self, element: str) -> int | None:
        return self.attributes.integer(self.group + element)

    def _bits(self, frame: int) -> NDArray[np.bool_]:
        """Overlay Data: a bit for each pixel, frames without gaps (PS3.5 Section 8.1.2).

        There are senders that leave out the end when it does not fill a word: it is clear.
        """
        size = self.rows * self.columns
        if size > _LARGEST:
            raise NotRenderable(f"The overlay {self.group} has more than {_LARGEST} pixels.")
        start = size * (frame - self._first_frame) if self._integer(_FRAMES) else 0
        field = self.attributes.field(self.group + _DATA)[start // 8 : -(-(start + size) // 8)]
        bits = np.unpackbits(np.frombuffer(field, np.uint8), bitorder="little")[start % 8 :][:size]
        if len(bits) < size - _WORD:
            raise NotRenderable(f"The Overlay Data {self.group}{_DATA} end before frame {frame} does.")
        plane = np.zeros(size, np.bool_)
        plane[: len(bits)] = bits
        return plane.reshape(self.rows, self.columns)

    def _unused_bits(self, cells: Cells) -> NDArray[np.bool_]:
        """A bit of the pixel cells, as in objects of before 2004; it lies on the image as these do."""
        position = self._integer(_BIT_POSITION) or 0
        if not 0 < position < 8 * cells.itemsize:
            raise NotRenderable(f"The overlay {self.group} has no data, nor a bit of the pixel cells.")
        return (cells[: self.rows, : self.columns, 0] >> position & 1).astype(np.bool_)


def overlay_planes(attributes: Attributes) -> list[OverlayPlane]:
    """The planes of a data set that have a size."""
    planes = []
    for group in GROUPS:
        rows, columns = attributes.integer(group + _ROWS) or 0, attributes.integer(group + _COLUMNS) or 0
        origin = attributes.numbers(group + _ORIGIN)
        top, left = map(int, origin) if len(origin) == 2 and np.isfinite(origin).all() else (1, 1)
        if rows > 0 and columns > 0:
            planes.append(OverlayPlane(attributes, group, rows, columns, top - 1, left - 1))
    return planes


def with_overlays(image: NDArray[np.uint8], cells: Cells, attributes: Attributes, number: int) -> NDArray[np.uint8]:
    """The image of a frame, counted from 1, and white where the planes of its data set cover it.

    Args:
        cells: of the frame, whose unused bits can be a plane.

    Raises:
        NotRenderable: a plane has no data, or too many pixels.
    """
    planes = [plane for plane in overlay_planes(attributes) if plane.shows_in(number)]
    image = image.copy() if planes else image
    for plane in planes:
        image[plane.mask(number, cells)] = _WHITE
    return image


def _outline(plane: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels that have a neighbour which is not of the region."""
    wide = np.pad(plane, 1)
    inner = wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
    return plane & ~inner
