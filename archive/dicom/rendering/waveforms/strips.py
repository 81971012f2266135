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

_Times = TypeVar("_Times", float, NDArray[np.float64])

#: Where the curves begin; names, units and ranges are before them.
_CURVES = 55.0
_WIDTH = RIGHT - _CURVES
_COLUMNS_OF_A_MM = 10

#: The height of a strip by the number of strips, up to which it is so high, in millimetres.
_HEIGHTS = ((4, 28.0), (8, 20.0), (16, 14.0), (32, 11.0))
_LOWEST = 8.0
#: A strip with less has its range beside its name, not at its ends.
_HIGH_ENOUGH = 13.0

#: A curve of a montage may reach so far into its neighbours, of the height of its strip.
_REACH = 1.5
#: What curves leave free of their strips.
_CLEARANCE = 0.06

_TICKS = 10
_REMARKS_HEIGHT = 8.0
#: Seconds between ticks, from a minute on; below, 1, 2 and 5 of any power of ten.
_LONG_STEPS = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Which values are at the bottom and at the top of a strip. `shared`: by others; curves leave it."""

    low: float
    high: float
    shared: bool = False

    def y(self, values: NDArray[np.float64], top: float, height: float) -> NDArray[np.float64]:
        inner = height * (1 - 2 * _CLEARANCE)
        fractions = (self.high - values) / (self.high - self.low)
        if self.shared:
            fractions = np.clip(fractions, -_REACH, 1 + _REACH)
        return top + height * _CLEARANCE + fractions * inner


def strips(
    group: MultiplexGroup, remarks: Sequence[Remark], top: float, *, seconds: float, montage: bool = False
) -> Panel:
    """The first seconds of a group, each channel in a strip.

    `montage`: voltages have one gain, that of the typical one, and may reach into their neighbours.
    """
    envelope = group.envelope(ceil(seconds * group.rate), round(_WIDTH * _COLUMNS_OF_A_MM))
    scales = _montage(group, envelope) if montage else [_own(envelope, n) for n in range(len(group.channels))]
    height = next((height for most, height in _HEIGHTS if len(scales) <= most), _LOWEST)
    axis = _Axis(group, seconds)
    title, scale = what_is_shown(group, seconds), _scale_text(group, scales, seconds, height)
    shapes, first = heading(top, title, scale), top + HEADING
    marks = list(placed_remarks(remarks, group, axis.x, seconds, first))
    first += _REMARKS_HEIGHT if marks else 0
    bottom = first + height * len(scales)
    shapes += [*marks, *axis.shapes(first, bottom)]
    for order, (channel, its_scale) in enumerate(zip(group.channels, scales, strict=True)):
        y = first + order * height
        positions, values = envelope.curve(order)
        shapes += _names(channel, its_scale, _reaches_limit(channel, values), y, height)
        if its_scale:
            times = positions / group.rate + channel.delay
            shown = (times >= 0) & (times <= seconds)
            shapes += curve(axis.x(times[shown]), its_scale.y(values[shown], y, height), 0.2)
    return Panel(shapes, bottom + 8, f"{title}. {', '.join(channel.name for channel in group.channels)}.")


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
            yield Text(x, bottom + 4, self._label(count * step), 2.4, Color.FAINT, Anchor.MIDDLE)

    def _step(self) -> float:
        least = self.seconds / _TICKS
        if self.group.frequency and least > 20:
            return next((step for step in _LONG_STEPS if step >= least), ceil(least / 86400) * 86400)
        power = 10.0 ** floor(log10(least))
        return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))

    def _label(self, second: float) -> str:
        if self.group.frequency and self.group.offset + self.seconds >= 60:
            return clock(second)
        return f"{number(second)} s" if self.group.frequency else number(second)


def _own(envelope: Envelope, channel: int) -> _Scale | None:
    """From the least to the greatest value; None when there is none."""
    extremes = np.stack((envelope.lows[:, channel], envelope.highs[:, channel]))
    known = extremes[np.isfinite(extremes)]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    # A flat line, in the middle, however large its value is.
    spread = 0 if high > low else max(abs(low), 1.0) / 2
    return _Scale(low - spread, high + spread)


def _montage(group: MultiplexGroup, envelope: Envelope) -> list[_Scale | None]:
    """Voltages around their medians with the range of the typical one; others in their own."""
    scales = [_own(envelope, n) for n in range(len(group.channels))]
    voltages = [n for n, scale in enumerate(scales) if scale and group.channels[n].millivolts]
    if not voltages:
        return scales
    units = [group.channels[n].millivolts or 1.0 for n in range(len(scales))]
    typical = float(np.median([(scale.high - scale.low) * units[n] for n in voltages if (scale := scales[n])]))
    for n in voltages:
        middles = (envelope.lows[:, n] + envelope.highs[:, n]) / 2
        half, rest = typical / units[n] / 2, float(np.median(middles[np.isfinite(middles)]))
        scales[n] = _Scale(rest - half, rest + half, shared=True)
    return scales


def _scale_text(group: MultiplexGroup, scales: list[_Scale | None], seconds: float, height: float) -> str:
    speed = f"{number(_WIDTH / seconds)} mm/s" if group.frequency else ""
    shared = next((n for n, scale in enumerate(scales) if scale and scale.shared), None)
    if shared is None or (scale := scales[shared]) is None:
        return speed
    microvolts = (scale.high - scale.low) * (group.channels[shared].millivolts or 0.0) * 1000
    return f"{speed}   {number(microvolts / (height * (1 - 2 * _CLEARANCE)))} µV/mm"


def _names(channel: Channel, scale: _Scale | None, limited: bool, y: float, height: float) -> Iterator[Shape]:
    """Who the curve is, its unit and its range, before the strip."""
    notes = [channel.status] if channel.status else []
    notes += ["no values"] if scale is None else ["reaches its limits"] if limited else []
    middle, room = y + height / 2, _CURVES - LEFT - 2
    if scale is None or scale.shared:
        yield Text(LEFT, middle + 1, shortened("; ".join([channel.name, *notes]), room, 2.8), 2.8, bold=True)
        return
    low, high, unit = number(scale.low), number(scale.high), channel.unit
    if height < _HIGH_ENOUGH:
        yield Text(LEFT, middle, shortened("; ".join([channel.name, *notes]), room, 2.6), 2.6, bold=True)
        yield Text(LEFT, middle + 2.8, shortened(f"{low} to {high} {unit}", room, 2.2), 2.2, Color.FAINT)
        return
    yield Text(LEFT, middle, shortened(channel.name, room - 12, 3), 3, bold=True)
    yield Text(LEFT, middle + 3.5, shortened("; ".join(filter(None, [unit, *notes])), room - 12, 2.4), 2.4, Color.FAINT)
    yield Text(_CURVES - 1, y + 2.8, high, 2.2, Color.FAINT, Anchor.END)
    yield Text(_CURVES - 1, y + height - 1.2, low, 2.2, Color.FAINT, Anchor.END)
    yield line((_CURVES, y), (RIGHT, y), width=0.15, color=Color.FRAME)


def _reaches_limit(channel: Channel, values: NDArray[np.float64]) -> bool:
    """Whether the equipment could not have measured more."""
    if channel.limits is None:
        return False
    low, high = channel.limits
    return bool(np.any((values <= low) | (values >= high)))
