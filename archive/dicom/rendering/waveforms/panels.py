"""What panels of a page have in common: where they are, their headings, and the remarks at points in time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archive.dicom.rendering.waveforms.drawings import LETTER, Anchor, Color, Shape, Text, line, shortened
from archive.dicom.rendering.waveforms.groups import MultiplexGroup
from archive.dicom.rendering.waveforms.remarks import Remark
from archive.dicom.rendering.waveforms.texts import number

#: Millimetres. `LEFT` to `RIGHT` is a multiple of 5, as paper wants it.
LEFT, RIGHT, PAGE_WIDTH = 10.0, 270.0, 280.0
HEADING = 6.0

#: So many remarks are placed in a panel.
_MOST_REMARKS = 500
_REMARK_SIZE, _REMARK_ROWS = 2.2, 2
_TICK, _SPAN_WIDTH = 1.6, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Curves of a group. `bottom`: where what follows has room."""

    shapes: list[Shape]
    bottom: float
    description: str


def heading(top: float, title: str, scale: str) -> list[Shape]:
    """What is shown, at the left, and how it is to be read, at the right."""
    scale_width = len(scale) * LETTER * 3
    return [
        Text(LEFT, top + 4, shortened(title, RIGHT - LEFT - scale_width - 4, 3), 3, bold=True),
        Text(RIGHT, top + 4, scale, 3, anchor=Anchor.END),
    ]


def what_is_shown(group: MultiplexGroup, seconds: float) -> str:
    """The group, how it was sampled, and which part of it is shown."""
    count = group.samples.channels
    channels = f"{count} channel{'s' if count != 1 else ''}"
    if count > len(group.channels):
        channels += f", the first {len(group.channels)} are shown"
    rate = f"{number(group.frequency)} Hz" if group.frequency else "sampling frequency unknown"
    part = length(group.duration, group)
    if seconds < group.duration:
        part = f"first {length(seconds, group)} of {part}"
    offset = f", begins at {number(group.offset)} s" if group.offset else ""
    kind = " (derived)" if group.derived else ""
    return f"{group.label}{kind}: {channels}, {rate}, {part}{offset}"


def length(seconds: float, group: MultiplexGroup) -> str:
    """A time, or a number of samples where there is none."""
    if not group.frequency:
        return f"{seconds:.0f} samples"
    return f"{number(seconds)} s" if seconds < 60 else clock(seconds)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    whole = round(seconds)
    return f"{'-' if whole < 0 else ''}{abs(whole) // 3600}:{abs(whole) // 60 % 60:02}:{abs(whole) % 60:02}"


def placed_remarks(
    remarks: Sequence[Remark], group: MultiplexGroup, x_of: Callable[[float], float], stop: float, top: float
) -> Iterator[Shape]:
    """Ticks at the points that remarks are of, bars where these are spans; their texts where all of them have room."""
    placed = ((*span, remark.text) for remark in remarks for span in remark.spans(group))
    spans = sorted((begin, end, text) for begin, end, text in placed if end >= 0 and begin <= stop)[:_MOST_REMARKS]
    for begin, end, _ in spans:
        left, right = x_of(max(begin, 0)), x_of(min(end, stop))
        yield line((left, top), (left, top + _TICK), color=Color.REMARK)
        if right > left:
            yield line((left, top), (right, top), width=_SPAN_WIDTH, color=Color.REMARK)
            yield line((right, top), (right, top + _TICK), color=Color.REMARK)
    yield from _texts([(x_of(max(begin, 0)), text) for begin, _, text in spans], top)


def _texts(texts: Sequence[tuple[float, str]], top: float) -> list[Shape]:
    """Each in the first row that has room for it; none at all when one has no room, as none would be missed."""
    ends, shapes = [LEFT] * _REMARK_ROWS, list[Shape]()
    for x, text in texts:
        row = next((row for row, end in enumerate(ends) if end <= x), None)
        if row is None:
            return []
        ends[row] = x + (len(text) + 1) * LETTER * _REMARK_SIZE
        if ends[row] > RIGHT:
            return []
        shapes.append(Text(x + 0.6, top + _TICK + 1.6 + row * 2.4, text, _REMARK_SIZE, Color.REMARK))
    return shapes
