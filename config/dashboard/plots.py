"""Bars of a plot, as shares of its height and width; the template draws them, and has the numbers as a table too."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Of the plot's own coordinates; it is stretched to the width of the page.
WIDTH, HEIGHT = 300.0, 100.0
#: Of the width of a bar with the space beside it.
FILLED = 0.8
#: Something is seen where there is something.
LEAST = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Plot:
    title: str
    bars: Sequence[Bar]
    #: What the full height stands for.
    most: int


def plot(title: str, values: Sequence[tuple[str, int]]) -> Plot:
    """One bar for each value, from left to right."""
    most = max((value for _, value in values), default=0)
    step = WIDTH / max(1, len(values))
    bars = []
    for number, (label, value) in enumerate(values):
        height = max(LEAST, HEIGHT * value / most) if value else 0.0
        sizes = (number * step, HEIGHT - height, step * FILLED, height)
        bars.append(Bar(label, value, *(f"{size:.2f}" for size in sizes)))
    return Plot(title, bars, most)
