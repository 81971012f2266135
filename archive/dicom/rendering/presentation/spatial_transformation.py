"""Turned and flipped: the Spatial Transformation Module (PS3.3 Section C.10.6)."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes

IMAGE_HORIZONTAL_FLIP, IMAGE_ROTATION = "00700041", "00700042"


@dataclass(frozen=True, slots=True)
class SpatialTransformation:
    """A rotation by so many quarters, clockwise; then left and right change places."""

    quarters: int = 0
    flipped: bool = False

    @classmethod
    def of(cls, attributes: Attributes) -> Self:
        rotation = attributes.integer(IMAGE_ROTATION) or 0
        if rotation % 90:
            raise NotRenderable("Images are rotated by quarters (0070,0042).")
        return cls(rotation // 90 % 4, attributes.text(IMAGE_HORIZONTAL_FLIP) == "Y")

    @property
    def is_sideways(self) -> bool:
        """Whether rows become columns."""
        return self.quarters % 2 == 1

    def apply(self, raster: NDArray[Any]) -> NDArray[Any]:
        """A view of an image, (rows, columns) or (rows, columns, 3)."""
        turned = np.rot90(raster, -self.quarters)
        return turned[:, ::-1] if self.flipped else turned

    def point(self, x: float, y: float, columns: float, rows: float) -> tuple[float, float]:
        """Where a point of an image of this size goes. Its corners are 0, 0 and `columns`, `rows`."""
        for _ in range(self.quarters):
            x, y, columns, rows = rows - y, x, rows, columns
        return (columns - x if self.flipped else x), y
