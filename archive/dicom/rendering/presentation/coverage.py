"""How much of each pixel a line or a polygon covers, from 0 to 255: drawings without steps.

Lines are drawn here rather than by Pillow, which cuts their ends to whole pixels: they would lie beside what they mark.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

#: x and y, (number, 2). The corner of the first pixel is 0, 0 and its middle 0.5, 0.5.
Points = NDArray[np.float64]
Coverage = NDArray[np.uint8]

_FULL = 255
#: Polygons are drawn so many times as fine, unless that would take more pixels than these.
FINEST, _MOST_PIXELS = 4, 1 << 24
#: What is shorter has no direction.
_SHORTEST = 1e-6
#: Pixels that are worked on at a time.
_AT_ONCE = 1 << 20


def of_lines(lines: Sequence[Points], width: float, *, columns: int, rows: int) -> Coverage:
    """Lines, each through its points, with round ends and corners."""
    coverage = np.zeros((rows, columns), np.uint8)
    starts, ends = np.concatenate([line[:-1] for line in lines]), np.concatenate([line[1:] for line in lines])
    steep = np.abs(ends - starts)[:, 1] >= np.abs(ends - starts)[:, 0]
    for chosen, axes in ((~steep, (0, 1)), (steep, (1, 0))):
        target = coverage.T if axes == (0, 1) else coverage
        for part in _parts(starts[chosen][:, axes], ends[chosen][:, axes], width, len(target)):
            _cover(target, *part, width)
    return coverage


def work_of_lines(lines: Sequence[Points], width: float, *, longest: int) -> int:
    """How many pixels are looked at for lines, at most, where none is farther than `longest` from another."""
    steps = np.concatenate([np.abs(np.diff(line, axis=0)).max(axis=1, initial=0) for line in lines])
    return int((np.minimum(steps, longest) + width + 4).sum()) * _breadth(width)


def of_polygon(points: Points, *, columns: int, rows: int) -> Coverage:
    """The inside of a polygon."""
    fine = columns * rows * FINEST**2 <= _MOST_PIXELS
    times = FINEST if fine else 1
    stencil = Image.new("L", (columns * times, rows * times))
    # Pillow counts from the middles of pixels.
    corners = np.rint(points * times - 0.5)
    ImageDraw.Draw(stencil).polygon([(x, y) for x, y in corners.tolist()], fill=_FULL)
    return np.asarray(stencil.reduce(times) if fine else stencil)


def _parts(
    starts: Points, ends: Points, width: float, length: int
) -> Iterator[tuple[Points, Points, NDArray[np.intp]]]:
    """Each segment again for every place along the first axis, of `length`, that it touches; some of them at a time."""
    reach = width / 2 + 1
    low = np.clip(np.floor(np.minimum(starts, ends)[:, 0] - reach), 0, length).astype(np.intp)
    high = np.clip(np.ceil(np.maximum(starts, ends)[:, 0] + reach), 0, length).astype(np.intp)
    full = np.cumsum(high - low) * _breadth(width) // _AT_ONCE
    for first, last in pairwise([0, *(np.flatnonzero(np.diff(full)) + 1).tolist(), len(starts)]):
        chosen = slice(first, last)
        counts = high[chosen] - low[chosen]
        begun = np.cumsum(counts) - counts
        places = np.arange(counts.sum()) - np.repeat(begun - low[chosen], counts)
        yield np.repeat(starts[chosen], counts, axis=0), np.repeat(ends[chosen], counts, axis=0), places


def _cover(target: Coverage, starts: Points, ends: Points, places: NDArray[np.intp], width: float) -> None:
    """Cover the pixels on both sides of each segment at a place along the first axis, which is its longer one."""
    along, aside = (ends - starts).T
    before = places + 0.5 - starts[:, 0]
    share = np.clip(before / np.where(np.abs(along) > _SHORTEST, along, 1), 0, 1)
    breadth = _breadth(width)
    across = np.floor(starts[:, 1] + share * aside).astype(np.int32)[:, None] + np.arange(breadth, dtype=np.int32)
    across -= breadth // 2
    x, y = (column.astype(np.float32)[:, None] for column in (before, 0.5 - starts[:, 1]))
    y = across + y
    step_x, step_y = (column.astype(np.float32)[:, None] for column in (along, aside))
    nearest = np.clip((x * step_x + y * step_y) / np.maximum(step_x**2 + step_y**2, np.float32(_SHORTEST**2)), 0, 1)
    distance = np.hypot(x - nearest * step_x, y - nearest * step_y)
    covered = np.rint(np.clip(np.float32(width / 2 + 0.5) - distance, 0, 1) * _FULL).astype(np.uint8)
    touched = (covered > 0) & (across >= 0) & (across < target.shape[1])
    rows = np.broadcast_to(places[:, None], across.shape)
    np.maximum.at(target, (rows[touched], across[touched]), covered[touched])


def _breadth(width: float) -> int:
    """Pixels that a line of up to 45 degrees may touch across its longer axis."""
    return 2 * int(np.ceil((width + 1) / 2 * 1.42 + 0.5)) + 1
