"""What is said of waveforms within them: the Waveform Annotation Module (PS3.3 Section C.10.10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from math import isfinite
from typing import Self

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.codes import code
from archive.dicom.rendering.waveforms.groups import MultiplexGroup
from archive.dicom.rendering.waveforms.texts import meaning, number, unit, words
from archive.dicom.rendering.words import one_line

ANNOTATIONS = "0040B020"
TEXT, CONCEPT_NAME, CONCEPT, NUMERIC_VALUE, UNITS = "00700006", "0040A043", "0040A168", "0040A30A", "004008EA"
CHANNELS, RANGE_TYPE, SAMPLE_POSITIONS, TIME_OFFSETS = "0040A0B0", "0040A130", "0040A132", "0040A138"

#: So many are read: a long recording may have one for each beat.
MOST = 20_000
_MOST_POINTS = 1000

_SEGMENTS = frozenset({"SEGMENT", "MULTISEGMENT"})


@dataclass(frozen=True, slots=True)
class Remark:
    """A text, a measurement or a category; of all of the time, or of points in it.

    `groups`: that it is of, by number. `positions`: samples, counted from 1. `seconds`: after the beginning.
    """

    text: str
    groups: frozenset[int]
    range_type: str = ""
    positions: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()

    @classmethod
    def of(cls, item: Attributes) -> Self:
        references = item.numbers(CHANNELS)[: 2 * _MOST_POINTS : 2]
        return cls(
            text=_text(item),
            groups=frozenset(int(group) for group in references if isfinite(group)),
            range_type=item.text(RANGE_TYPE),
            positions=_finite(item.numbers(SAMPLE_POSITIONS)),
            seconds=_finite(item.numbers(TIME_OFFSETS)),
        )

    @property
    def is_placed(self) -> bool:
        """Whether it is of points in time."""
        return bool(self.positions or self.seconds)

    def spans(self, group: MultiplexGroup) -> list[tuple[float, float]]:
        """From when to when it is of a group, in seconds after its beginning; points begin where they end."""
        if group.number not in self.groups:
            return []
        points = [(position - 1) / group.rate for position in self.positions] or list(self.seconds)
        if self.range_type in _SEGMENTS:
            return [span for index, span in enumerate(pairwise(points)) if index % 2 == 0]
        if self.range_type == "BEGIN":
            return [(point, max(point, group.duration)) for point in points]
        if self.range_type == "END":
            return [(min(0.0, point), point) for point in points]
        return [(point, point) for point in points]


def remarks(attributes: Attributes) -> Iterator[Remark]:
    """Those of a data set that say something."""
    for index in range(min(attributes.count(ANNOTATIONS), MOST)):
        item = attributes.item(ANNOTATIONS, index)
        if item and (remark := Remark.of(item)).text:
            yield remark


def _text(item: Attributes) -> str:
    """`ECG NORMALE`, `QRS Duration 75 ms`, `P Onset`, or `Rhythm: sinus`."""
    if text := words(item, TEXT):
        return text
    name, value = meaning(item, CONCEPT_NAME), item.number(NUMERIC_VALUE)
    if value is not None:
        return one_line(f"{name} {number(value)} {unit(code(item, UNITS)[0])}")
    category = meaning(item, CONCEPT)
    return one_line(f"{name}: {category}") if category else name


def _finite(numbers: list[float]) -> tuple[float, ...]:
    return tuple(islice(filter(isfinite, numbers), _MOST_POINTS))
