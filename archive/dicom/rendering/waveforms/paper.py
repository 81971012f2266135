"""Electrocardiograms on millimetre paper: 25 mm for a second, 10 mm for a millivolt, as they are printed everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from archive.dicom.rendering.waveforms.drawings import Grid, Shape, Text, curve, line
from archive.dicom.rendering.waveforms.envelopes import Envelope
from archive.dicom.rendering.waveforms.groups import MultiplexGroup
from archive.dicom.rendering.waveforms.leads import RHYTHM, TWELVE
from archive.dicom.rendering.waveforms.panels import HEADING, LEFT, RIGHT, Panel, heading, placed_remarks, what_is_shown
from archive.dicom.rendering.waveforms.remarks import Remark
from archive.dicom.rendering.waveforms.texts import number
from archive.dicom.rendering.words import joined

SPEED, GAIN = 25.0, 10.0

#: Seconds of a page, and of each of the four columns that the twelve leads are printed in. The last one may be short.
PAGE, COLUMN = 10.0, 2.5
_NEARLY_A_PAGE = 9.5

#: Before the curves there is the calibration pulse: a millivolt, for a fifth of a second.
_PULSE_ROOM = 10.0
_CURVES = LEFT + _PULSE_ROOM

#: Millimetres above a curve, for names, and below; and the tallest row: where one needs more, the gain is halved.
_ABOVE, _BELOW, _TALLEST_ROW = 4.5, 2.0, 45.0
_SQUARE = 5.0

_MOST_LEADS = 24

#: More than are sampled in a second as a rule, and than can be told apart.
_COLUMNS_OF_A_MM = 12


@dataclass(frozen=True, slots=True)
class _Cell:
    """A lead from a second of the recording on, and where it is drawn: some seconds from the left."""

    channel: int
    start: float
    stop: float
    left: float


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """What is drawn in a cell: points in millimetres of the page, and in millivolts around the median of the lead."""

    cell: _Cell
    name: str
    x: NDArray[np.float64]
    millivolts: NDArray[np.float64]

    @property
    def reach(self) -> tuple[float, float]:
        """Millivolts above and below the median."""
        known = self.millivolts[np.isfinite(self.millivolts)]
        return (max(float(known.max()), 0.0), max(-float(known.min()), 0.0)) if len(known) else (0.0, 0.0)


def fits_paper(group: MultiplexGroup) -> bool:
    """Whether all of a group are voltages, at a known frequency, and no more than PS3.3 Section A.34.4 allows."""
    known = group.frequency is not None and len(group.channels) <= _MOST_LEADS
    return known and all(channel.millivolts for channel in group.channels)


def paper(group: MultiplexGroup, remarks: Sequence[Remark], top: float) -> Panel:
    """The first ten seconds of a group, or all of it where it is shorter.

    The twelve leads are printed in three rows of four, for 2.5 s each, with lead II whole below them; average beats,
    that have room in 2.5 s, in the same way without it. Other leads, and recordings in between, have a row for each.
    """
    seconds = min(group.duration, PAGE)
    envelope = group.envelope(seconds, round((RIGHT - _CURVES) * _COLUMNS_OF_A_MM))
    rows = [[_drawn(group, envelope, cell) for cell in row] for row in _layout(group, seconds)]
    reaches = [_reach(row) for row in rows]
    gain = _gain(reaches)
    scale = joined(", ", f"{SPEED:g} mm/s", f"{number(gain)} mm/mV", _band(group))
    shapes, y = heading(top, what_is_shown(group, seconds), scale), top + HEADING
    curves: list[Shape] = []
    grid_top = y
    for row, (above, below) in zip(rows, reaches, strict=True):
        baseline = y + _squares(above * gain + _ABOVE)
        curves += _row(row, y, baseline, gain)
        y = baseline + _squares(below * gain + _BELOW)
    if len(rows[-1]) == 1:
        marks = list(placed_remarks(remarks, group, lambda second: _CURVES + second * SPEED, seconds, y))
        curves += marks
        y += 2 * _SQUARE if marks else 0
    grid = Grid(LEFT, grid_top, RIGHT - LEFT, y - grid_top)
    return Panel([*shapes, grid, *curves], y + 4, f"{what_is_shown(group, seconds)}. {scale}. {_names(group)}")


def _layout(group: MultiplexGroup, seconds: float) -> list[list[_Cell]]:
    order = {channel.lead: number for number, channel in enumerate(group.channels)}
    twelve = len(group.channels) == 12 and all(name in order for row in TWELVE for name in row)
    if twelve and seconds >= _NEARLY_A_PAGE:
        rows = [
            [_Cell(order[name], n * COLUMN, (n + 1) * COLUMN, n * COLUMN) for n, name in enumerate(row)]
            for row in TWELVE
        ]
        return [*rows, [_Cell(order[RHYTHM], 0, seconds, 0)]]
    if twelve and seconds <= COLUMN:
        return [[_Cell(order[name], 0, seconds, n * COLUMN) for n, name in enumerate(row)] for row in TWELVE]
    return [[_Cell(number, 0, seconds, 0)] for number in range(len(group.channels))]


def _drawn(group: MultiplexGroup, envelope: Envelope, cell: _Cell) -> _Curve:
    channel = group.channels[cell.channel]
    positions, values = envelope.curve(cell.channel)
    times = positions / group.rate + channel.delay
    known = values[np.isfinite(values)]
    # Electrodes are at a potential of their own, which says nothing: recorders filter it out.
    rest = np.median(known) if len(known) else 0.0
    within = (times >= cell.start) & (times < cell.stop)
    x = _CURVES + (times[within] - cell.start + cell.left) * SPEED
    notes = channel.notes(values)
    name = f"{channel.name} ({', '.join(notes)})" if notes else channel.name
    return _Curve(cell, name, x, (values[within] - rest) * (channel.millivolts or 0.0))


def _reach(row: list[_Curve]) -> tuple[float, float]:
    """Millivolts above and below the line of a row; there is the calibration pulse, too."""
    above, below = zip(*(curve.reach for curve in row), strict=True)
    return max(1.0, *above), max(below)


def _gain(reaches: list[tuple[float, float]]) -> float:
    gain = GAIN
    tallest = max(above + below for above, below in reaches)
    while tallest * gain + _ABOVE + _BELOW > _TALLEST_ROW:
        gain /= 2
    return gain


def _row(row: list[_Curve], top: float, baseline: float, gain: float) -> list[Shape]:
    shapes: list[Shape] = [_pulse(baseline, gain)]
    for drawn in row:
        left = _CURVES + drawn.cell.left * SPEED
        if drawn.cell.left:
            shapes.append(line((left, baseline - _SQUARE), (left, baseline - 2), width=0.35))
        shapes.append(Text(left + 1, top + 3.6, drawn.name, 3.4, bold=True))
        shapes += curve(drawn.x, baseline - drawn.millivolts * gain, 0.28)
    return shapes


def _pulse(baseline: float, gain: float) -> Shape:
    left, peak = LEFT + 2.5, baseline - gain
    return line(
        (left - 1.5, baseline), (left, baseline), (left, peak), (left + 5, peak), (left + 5, baseline),
        (left + 6.5, baseline), width=0.3,
    )  # fmt: skip


def _names(group: MultiplexGroup) -> str:
    return ", ".join(channel.name for channel in group.channels)


def _band(group: MultiplexGroup) -> str:
    """The filters, where all channels that name them name the same."""
    bands = {channel.band for channel in group.channels if channel.band}
    return bands.pop() if len(bands) == 1 else ""


def _squares(millimetres: float) -> float:
    """As many squares of the paper as hold so much."""
    return ceil(millimetres / _SQUARE) * _SQUARE
