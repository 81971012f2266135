"""Curves below each other over one time axis: each in the range of its values, or voltages of the brain at one gain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from archive.dicom.rendering.waveforms.channels import Channel
from archive.dicom.rendering.waveforms.drawings import Anchor, Color, Shape, Text, curve, line, shortened
from archive.dicom.rendering.waveforms.envelopes import Envelope
from archive.dicom.rendering.waveforms.groups import MultiplexGroup
from archive.dicom.rendering.waveforms.panels import (
    HEADING,
    LEFT,
    RIGHT,
    Panel,
    clock,
    heading,
    placed_remarks,
    what_is_shown,
)
from archive.dicom.rendering.waveforms.remarks import Remark
from archive.dicom.rendering.waveforms.texts import number
from archive.dicom.rendering.words import joined

_Times = TypeVar("_Times", float, NDArray[np.float64])

#: Where the curves begin; names, units and ranges are before them.
_CURVES = 55.0
_WIDTH = RIGHT - _CURVES
_COLUMNS_OF_A_MM = 6

#: The height of a strip by the number of strips, up to which it is so high, in millimetres.
_HEIGHTS = ((4, 28.0), (8, 20.0), (16, 14.0), (32, 11.0))
_LOWEST = 8.0
#: A strip with less has its range beside its name, not at its ends.
_HIGH_ENOUGH = 13.0

#: A curve of a montage may reach so far into its neighbours, of the height of its strip; there it is cut.
_REACH = 1.0
#: Microvolts for a millimetre that a montage may have: these, times a power of ten.
_GAINS = (1, 1.5, 2, 3, 5, 7, 10)
#: Channels that are not of the brain are recorded along with it, and have a range of their own.
_OF_THE_HEART = ("ECG", "EKG")
#: How far from the middle of its strip a curve is drawn at most, of the height of the strip.
_FARTHEST = _REACH + 0.5
#: What curves have of the height of their strips; the rest keeps them apart.
_INNER = 0.88

_TICKS = 10
_REMARKS_HEIGHT = 8.0
#: Seconds between ticks, from a minute on; below, 1, 2 and 5 of any power of ten.
_LONG_STEPS = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Which value is in the middle of a strip, and how much is from its bottom to its top.

    `shared`: by the voltages of a montage, in which negative ones go up, as those draw them who read them.
    """

    middle: float
    spread: float
    shared: bool = False

    def y(self, values: NDArray[np.float64], top: float, height: float) -> NDArray[np.float64]:
        heights = (values - self.middle) / self.spread
        if self.shared:
            heights = np.clip(-heights, -_FARTHEST, _FARTHEST)
        return top + height * (0.5 - heights * _INNER)

    def cuts(self, values: NDArray[np.float64]) -> bool:
        """Whether some are farther away than is drawn."""
        return self.shared and bool(np.any(np.abs(values - self.middle) > _FARTHEST * self.spread))


def strips(
    group: MultiplexGroup, remarks: Sequence[Remark], top: float, *, seconds: float, montage: bool = False
) -> Panel:
    """The first seconds of a group, each channel in a strip.

    `montage`: voltages have one gain, that of the typical one, and may reach into their neighbours.
    """
    envelope = group.envelope(seconds, round(_WIDTH * _COLUMNS_OF_A_MM))
    height = next((height for most, height in _HEIGHTS if len(group.channels) <= most), _LOWEST)
    scales = [_own(envelope, order) for order in range(len(group.channels))]
    gain = _share_gain(group, envelope, scales, height) if montage else None
    axis, title = _Axis(group, seconds), what_is_shown(group, seconds)
    shapes, first = heading(top, title, _scale_text(group, seconds, gain)), top + HEADING
    marks = list(placed_remarks(remarks, group, axis.x, seconds, first))
    first += (_REMARKS_HEIGHT if marks else 0) + (_REACH * height if gain else 0)
    bottom = first + height * len(scales)
    shapes += [*marks, *axis.shapes(first, bottom)]
    for order, (channel, scale) in enumerate(zip(group.channels, scales, strict=True)):
        y = first + order * height
        positions, values = envelope.curve(order)
        shapes += _names(channel, scale, _notes(channel, scale, values), y, height)
        if scale:
            times = positions / group.rate + channel.delay
            shown = (times >= 0) & (times <= seconds)
            shapes += curve(axis.x(times[shown]), scale.y(values[shown], y, height), 0.2)
    return Panel(shapes, bottom + 8, f"{title}. {', '.join(channel.name for channel in group.channels)}")


@dataclass(frozen=True, slots=True)
class _Axis:
    """Time from left to right."""

    group: MultiplexGroup
    seconds: float

    def x(self, second: _Times) -> _Times:
        return _CURVES + second / self.seconds * _WIDTH

    def shapes(self, top: float, bottom: float) -> Iterator[Shape]:
        """Ticks through all strips, counted from the reference time."""
        step, offset = self._step(), self.group.offset
        yield line((_CURVES, top), (RIGHT, top), color=Color.FRAME)
        yield line((_CURVES, bottom), (RIGHT, bottom), color=Color.FRAME)
        for count in range(ceil(offset / step), floor((offset + self.seconds) / step) + 1):
            x = self.x(count * step - offset)
            yield line((x, top), (x, bottom + 1), width=0.15, color=Color.FRAME)
            yield Text(x, bottom + 4, self._label(count * step, step), 2.4, Color.FAINT, Anchor.MIDDLE)

    def _step(self) -> float:
        least = self.seconds / _TICKS
        if self.group.frequency and least > 20:
            return next((step for step in _LONG_STEPS if step >= least), ceil(least / 86400) * 86400)
        return _at_least(least, (1, 2, 5, 10))

    def _label(self, second: float, step: float) -> str:
        if self.group.frequency and step >= 1 and self.group.offset + self.seconds >= 60:
            return clock(second)
        return f"{second:.9g} s" if self.group.frequency else f"{second:.9g}"


def _own(envelope: Envelope, channel: int) -> _Scale | None:
    """From the least to the greatest value; None when there is none."""
    extremes = np.stack((envelope.lows[channel], envelope.highs[channel]))
    known = extremes[np.isfinite(extremes)]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    # A flat line is in the middle, however large its value is.
    return _Scale((low + high) / 2, high - low or max(abs(low), 1.0))


def _share_gain(group: MultiplexGroup, envelope: Envelope, scales: list[_Scale | None], height: float) -> float | None:
    """Give the voltages of a montage one gain, with which a typical one fits its strip: in microvolts for a millimetre.

    They are drawn around their medians. None when there are no voltages.
    """
    microvolts = {
        order: channel.millivolts * 1000
        for order, channel in enumerate(group.channels)
        if channel.millivolts and not channel.lead and not channel.label.upper().startswith(_OF_THE_HEART)
    }
    shown = [order for order, scale in enumerate(scales) if scale and order in microvolts]
    if not shown:
        return None
    spreads = [
        float(np.nanmax(envelope.highs[order]) - np.nanmin(envelope.lows[order])) * microvolts[order] for order in shown
    ]
    # Electrodes that are not connected have flat lines.
    typical = float(np.median([spread for spread in spreads if spread] or [1.0]))
    gain = _at_least(typical / (height * _INNER), _GAINS)
    middles = envelope.middles
    for order in shown:
        known = middles[order][np.isfinite(middles[order])]
        scales[order] = _Scale(float(np.median(known)), gain * height * _INNER / microvolts[order], shared=True)
    return gain


def _at_least(value: float, steps: Sequence[float]) -> float:
    """The first of these times a power of ten that is not less; the last of them is 10."""
    power = 10.0 ** floor(log10(value))
    return next((step * power for step in steps if step * power >= value * (1 - 1e-9)), 10 * power)


def _scale_text(group: MultiplexGroup, seconds: float, gain: float | None) -> str:
    speed = _WIDTH / seconds
    parts = [f"{number(speed)} mm/s"] if group.frequency and speed >= 1 else []
    return ", ".join([*parts, f"{number(gain)} µV/mm, negative up"] if gain else parts)


def _notes(channel: Channel, scale: _Scale | None, values: NDArray[np.float64]) -> list[str]:
    """What is not as it should be with a channel, or with how it is drawn."""
    notes = channel.notes(values)
    if scale is None:
        return [*notes, "no values"]
    return [*notes, "cut"] if scale.cuts(values) else notes


def _names(channel: Channel, scale: _Scale | None, notes: list[str], y: float, height: float) -> Iterator[Shape]:
    """Who the curve is, its unit and its range, before the strip."""
    middle, room, noted = y + height / 2, _CURVES - LEFT - 2, "; ".join([channel.name, *notes])
    if scale is None or scale.shared:
        yield Text(LEFT, middle + 1, shortened(noted, room, 2.8), 2.8, bold=True)
        return
    low, high = (number(scale.middle + side * scale.spread / 2) for side in (-1, 1))
    if height < _HIGH_ENOUGH:
        yield Text(LEFT, middle, shortened(noted, room, 2.6), 2.6, bold=True)
        yield Text(LEFT, middle + 2.8, shortened(f"{low} to {high} {channel.unit}", room, 2.2), 2.2, Color.FAINT)
        return
    yield Text(LEFT, middle, shortened(channel.name, room - 12, 3), 3, bold=True)
    yield Text(LEFT, middle + 3.5, shortened(joined("; ", channel.unit, *notes), room - 12, 2.4), 2.4, Color.FAINT)
    yield Text(_CURVES - 1, y + 2.8, high, 2.2, Color.FAINT, Anchor.END)
    yield Text(_CURVES - 1, y + height - 1.2, low, 2.2, Color.FAINT, Anchor.END)
    yield line((_CURVES, y), (RIGHT, y), width=0.15, color=Color.FRAME)
