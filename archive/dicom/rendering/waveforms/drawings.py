"""Plots as what is to be drawn, in millimetres from the left and from the top: writers make SVG or pixels of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

#: How wide a letter is on the average, of the size of its font; a little more, so that texts do not meet.
LETTER = 0.56

#: x and y of points that are joined, in the shape (points, 2).
Points = NDArray[np.float64]


class Color(StrEnum):
    """`GRID` and `GRID_STRONG` are the lines of ECG paper, every millimetre and every fifth."""

    INK = "#000000"
    FAINT = "#6b6b6b"
    FRAME = "#c8ccd0"
    GRID = "#f7dcdc"
    GRID_STRONG = "#ecaeae"
    REMARK = "#1d4f91"
    PAPER = "#ffffff"


class Anchor(StrEnum):
    """Which end of a text is at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    points: Points
    width: float = 0.25
    color: Color = Color.INK


@dataclass(frozen=True, slots=True)
class Text:
    """`y`: of the line that the letters stand on. `size`: of the font."""

    x: float
    y: float
    text: str
    size: float = 3.0
    color: Color = Color.INK
    anchor: Anchor = Anchor.START
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Millimetre paper, whose strong lines begin at its left and top edges. Sides are multiples of 5."""

    left: float
    top: float
    width: float
    height: float


Shape = Line | Text | Grid


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A page. `title` and `description` are for those who do not see it."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]


def line(*points: tuple[float, float], width: float = 0.25, color: Color = Color.INK) -> Line:
    return Line(np.array(points, np.float64), width, color)


def curve(x: NDArray[np.float64], y: NDArray[np.float64], width: float = 0.25) -> Iterator[Line]:
    """A line through points, interrupted where one of them is NaN; a point that stands alone is a short line."""
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(known):
        return
    for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
        points = np.stack((x[run], y[run]), axis=1)
        yield Line(points if len(run) > 1 else points + np.array(((-width / 2, 0), (width / 2, 0))), width)


def shortened(text: str, width: float, size: float) -> str:
    """As much of a text as has room in so many millimetres."""
    room = max(int(width / (LETTER * size)), 1)
    return text if len(text) <= room else text[: room - 1] + "…"
