"""Curves with no more points than one can see, in which the least and the greatest values are kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

#: So many samples are worked on at a time, of all channels together.
_AT_ONCE = 1 << 21


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Integers in the shape (channels, samples), and which of them are known: None where all are."""

    stored: NDArray[Any]
    known: NDArray[np.bool_] | None = None


#: Gives the samples from one up to another.
Read = Callable[[int, int], Block]


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """The least and the greatest value of each column of samples.

    `positions`: of the middle of a column, in samples; shape (columns,). `lows`, `highs`: shape (channels, columns),
    NaN where a column has no value.
    """

    positions: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]

    @classmethod
    def of(cls, read: Read, count: int, columns: int) -> Self:
        """The first `count` samples in `columns` columns at most.

        Where there are no more than twice as many samples, each has a column: a column is two points of a curve.
        """
        step = 1 if count <= 2 * columns else -(-count // columns)
        channels = len(read(0, 1).stored)
        at_once = max(_AT_ONCE // (channels * step), 1) * step
        parts = [_extremes(read(first, min(first + at_once, count)), step) for first in range(0, count, at_once)]
        lows, highs = (np.concatenate(side, axis=1) for side in zip(*parts, strict=True))
        middles = step * np.arange(lows.shape[1]) + (step - 1) / 2
        return cls(np.minimum(middles, count - 1), lows, highs)

    def scaled(self, factors: NDArray[np.float64], baselines: NDArray[np.float64]) -> Self:
        """What the samples of each channel stand for: a sample times a factor, and a baseline."""
        lows, highs = (side * factors[:, None] + baselines[:, None] for side in (self.lows, self.highs))
        return replace(self, lows=np.fmin(lows, highs), highs=np.fmax(lows, highs))

    @property
    def middles(self) -> NDArray[np.float64]:
        return (self.lows + self.highs) / 2

    def curve(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Positions and values of the points of a curve, NaN where it is interrupted."""
        lows, highs = self.lows[channel], self.highs[channel]
        if np.array_equal(lows, highs, equal_nan=True):
            return self.positions, lows
        # Down one column and up the next one: what is between them is short.
        down = np.arange(len(lows)) % 2 == 0
        pairs = np.stack((np.where(down, highs, lows), np.where(down, lows, highs)), axis=1)
        return np.repeat(self.positions, 2), pairs.ravel()


def _extremes(block: Block, step: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest of each `step` samples that are known."""
    stored = _in_columns(block.stored, step)
    if block.known is None:
        return stored.min(axis=2).astype(np.float64), stored.max(axis=2).astype(np.float64)
    known, range_ = _in_columns(block.known, step), np.iinfo(stored.dtype)
    lows = stored.min(axis=2, where=known, initial=range_.max).astype(np.float64)
    highs = stored.max(axis=2, where=known, initial=range_.min).astype(np.float64)
    empty = ~known.any(axis=2)
    lows[empty] = highs[empty] = np.nan
    return lows, highs


def _in_columns(samples: NDArray[Any], step: int) -> NDArray[Any]:
    """In the shape (channels, columns, step). The last column is filled with its last sample."""
    lacking = -samples.shape[1] % step
    if lacking:
        samples = np.pad(samples, ((0, 0), (0, lacking)), mode="edge")
    return samples.reshape(len(samples), -1, step)
