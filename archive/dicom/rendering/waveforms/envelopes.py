"""Curves with no more points than one can see, in which the least and the greatest values are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

#: How many bytes of numbers are worked on at a time.
_AT_ONCE = 1 << 24

#: Gives the values from a sample up to another, in the shape (samples, channels).
Read = Callable[[int, int], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """The least and the greatest value of each column of samples.

    `positions`: of the middle of a column, in samples; shape (columns,). `lows`, `highs`: shape (columns, channels),
    NaN where a column has no value.
    """

    positions: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]

    @classmethod
    def of(cls, read: Read, start: int, stop: int, columns: int) -> Self:
        """The samples from `start` up to `stop` in `columns` columns at most.

        Where there are no more than twice as many samples, each has a column: a column is two points of a curve.
        """
        step = 1 if stop - start <= 2 * columns else -(-(stop - start) // columns)
        channels = read(start, start + 1).shape[1]
        at_once = max(_AT_ONCE // (8 * channels * step), 1) * step
        parts = [_extremes(read(first, min(first + at_once, stop)), step) for first in range(start, stop, at_once)]
        lows, highs = (np.concatenate(side) for side in zip(*parts, strict=True))
        middles = start + step * np.arange(len(lows)) + np.minimum(step - 1, stop - start - 1) / 2
        return cls(np.minimum(middles, stop - 1), lows, highs)

    def curve(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Positions and values of the points of a curve, NaN where it is interrupted."""
        lows, highs = self.lows[:, channel], self.highs[:, channel]
        if self.lows is self.highs:
            return self.positions, lows
        # Down one column and up the next one: what is between them is short.
        down = np.arange(len(lows)) % 2 == 0
        pairs = np.stack((np.where(down, highs, lows), np.where(down, lows, highs)), axis=1)
        return np.repeat(self.positions, 2), pairs.ravel()


def _extremes(values: NDArray[np.float64], step: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest of each `step` values; padding is left out."""
    if step == 1:
        return values, values
    lacking = -len(values) % step
    if lacking:
        values = np.concatenate((values, np.full((lacking, values.shape[1]), np.nan)))
    columns = values.reshape(-1, step, values.shape[1])
    return np.fmin.reduce(columns, axis=1), np.fmax.reduce(columns, axis=1)
