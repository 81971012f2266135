"""Bodies drawn into a box of cells: ellipsoids, tubes and smooth noise, one over the other.

What is drawn has soft edges as wide as a cell. It lies where it lies in millimetres, however the box is cut into cells:
slice by slice, or coarse and whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.demo.grids import Axis

#: 32-bit floats.
Values = NDArray[Any]
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Volume:
    """Values of cells in the order z, y, x, and the places of their middles, ascending."""

    x: Axis
    y: Axis
    z: Axis
    values: Values

    @classmethod
    def filled(cls, x: Axis, y: Axis, z: Axis, value: float) -> "Volume":
        return cls(x, y, z, np.full((z.size, y.size, x.size), value, np.float32))

    @property
    def edge(self) -> float:
        """Width of a cell: of what is drawn, the edge is as soft."""
        return float(self.x[1] - self.x[0])

    @property
    def places(self) -> tuple[Values, Values, Values]:
        """x, y and z of the cells, to calculate with."""
        return self.x[None, None, :], self.y[None, :, None], self.z[:, None, None]

    def blend(self, inside: Values, value: float | Values) -> None:
        """Draw a value where `inside` is 1, and partly where it is less."""
        self.values[...] += inside * (value - self.values)

    def ellipsoid(self, center: Point, semi_axes: Point, value: float, *, edge: float = 0) -> None:
        """An ellipsoid along the axes; `edge` makes it softer."""
        part = self._part(center, center, max(semi_axes) + self.edge + edge)
        if part is None:
            return
        x, y, z = (
            (places - middle) / semi for places, middle, semi in zip(part.places, center, semi_axes, strict=True)
        )
        distance = np.sqrt(x * x + y * y + z * z)
        part.blend(soft((1 - distance) * min(semi_axes), max(self.edge, edge)), value)

    def tube(self, points: Sequence[Point], radius: float, value: float) -> None:
        """A round tube along points."""
        for start, end in pairwise(points):
            self._capsule(start, end, radius, value)

    def _capsule(self, start: Point, end: Point, radius: float, value: float) -> None:
        if not self._reaches(start[2], end[2], radius + self.edge):
            return
        part = self._part(start, end, radius + self.edge)
        if part is None:
            return
        along = [last - first for first, last in zip(start, end, strict=True)]
        from_start = [places - first for places, first in zip(part.places, start, strict=True)]
        length = sum(step * step for step in along) or 1.0
        share = np.clip(sum(step * way for step, way in zip(along, from_start, strict=True)) / length, 0, 1)
        squares = sum((way - step * share) ** 2 for step, way in zip(along, from_start, strict=True))
        part.blend(soft(radius - np.sqrt(squares), self.edge), value)

    def _reaches(self, first: float, last: float, margin: float) -> bool:
        """Whether something between these heights can be in the box: most of a body is not in most of the slices."""
        lowest, highest = float(self.z[0]), float(self.z[-1])
        return min(first, last) - margin < highest and max(first, last) + margin > lowest

    def _part(self, start: Point, end: Point, margin: float) -> "Volume | None":
        """The cells around what lies between two points, as a view; None where there are none."""
        ranges = []
        for axis, first, last in zip((self.x, self.y, self.z), start, end, strict=True):
            low, high = np.searchsorted(axis, (min(first, last) - margin, max(first, last) + margin))
            if low == high:
                return None
            ranges.append(slice(low, high))
        across, down, up = ranges
        return Volume(self.x[across], self.y[down], self.z[up], self.values[up, down, across])


def soft(depth: Values, edge: float) -> Values:
    """1 inside, 0 outside, by the depth below a surface."""
    return np.clip(depth / np.float32(edge) + np.float32(0.5), 0, 1).astype(np.float32)


def noise(x: Axis, y: Axis, z: Axis, cell: float, seed: int) -> Values:
    """Smooth noise between -1 and 1 that changes over `cell` millimetres, and is the same wherever it is asked for."""
    values = _lattice(seed)
    for axis in (z, y, x):  # each turn interpolates along the first axis of the lattice and makes it the last
        values = _between(values, axis / np.float32(cell))
    return values


@lru_cache(maxsize=32)
def _lattice(seed: int) -> Values:
    return np.random.default_rng(seed).uniform(-1, 1, (32, 32, 32)).astype(np.float32)


def _between(lattice: Values, places: Axis) -> Values:
    """Values between the points of a lattice that goes on for ever, as a ring."""
    below = np.floor(places)
    share = places - below
    share = share * share * (3 - 2 * share)
    lower = np.moveaxis(lattice, 0, -1)[..., below.astype(int) % len(lattice)]
    upper = np.moveaxis(lattice, 0, -1)[..., (below.astype(int) + 1) % len(lattice)]
    return np.asarray(lower + share * (upper - lower), np.float32)


def blurred(image: NDArray[np.floating], width: float) -> Values:
    """An image, or several, under a Gaussian of this standard deviation in cells."""
    reach = int(3 * width) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= kernel.sum()
    for _ in range(2):  # each turn goes along the last axis, and exchanges the last two
        length = image.shape[-1]
        padded = np.pad(image, [(0, 0)] * (image.ndim - 1) + [(reach, reach)], "edge")
        shifted = (share * padded[..., start : start + length] for start, share in enumerate(kernel))
        image = np.asarray(sum(shifted)).swapaxes(-1, -2)
    return image.astype(np.float32)
