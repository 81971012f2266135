"""Where the cells of axial images lie in the patient: PS3.3 Section C.7.6.2.

Coordinates are millimetres in the patient: x to the left, y to the back, z to the head.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.demo.data_sets import number

AXIAL = ["1", "0", "0", "0", "1", "0"]

#: Places along a direction, as 32-bit floats.
Axis = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Grid:
    """Square images of `width` millimetres, centered, from the lowest slice to the highest."""

    cells: int
    width: float
    slices: int
    thickness: float
    #: z of the first slice.
    lowest: float

    @property
    def spacing(self) -> float:
        return self.width / self.cells

    @property
    def axis(self) -> Axis:
        """x of the columns, y of the rows: the middles of the cells."""
        return ((np.arange(self.cells, dtype=np.float32) + 0.5) / self.cells - 0.5) * np.float32(self.width)

    def height(self, slice_number: int) -> float:
        """z of a slice, counted from 1."""
        return self.lowest + (slice_number - 1) * self.thickness

    def numbers(self, lowest: float = -np.inf, highest: float = np.inf) -> list[int]:
        """The slices between two heights, counted from 1."""
        return [number for number in range(1, self.slices + 1) if lowest <= self.height(number) <= highest]

    def planes(self) -> Iterator[tuple[int, Axis, Axis, Axis]]:
        """Number, x, y and z of each slice."""
        for slice_number in self.numbers():
            yield slice_number, self.axis, self.axis, np.array([self.height(slice_number)], np.float32)

    def position(self, slice_number: int) -> list[str]:
        """Image Position (Patient): the middle of the first cell."""
        first = number(float(self.axis[0]))
        return [first, first, number(self.height(slice_number))]

    def column_of(self, x: float) -> float:
        """In the relative coordinates of an image: 0.5 is the middle of the first column (PS3.3 Section C.10.5.1.2)."""
        return x / self.spacing + self.cells / 2

    def attributes(self, slice_number: int) -> dict[str, Any]:
        """Image Plane module."""
        return {
            "PixelSpacing": [number(self.spacing)] * 2,
            "ImageOrientationPatient": AXIAL,
            "ImagePositionPatient": self.position(slice_number),
            "SliceThickness": number(self.thickness),
            "SliceLocation": number(self.height(slice_number)),
            "SpacingBetweenSlices": number(self.thickness),
        }
