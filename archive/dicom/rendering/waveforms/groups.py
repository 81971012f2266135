"""Channels that were sampled together: an item of the Waveform Sequence (PS3.3 Section C.10.9)."""

from dataclasses import dataclass
from math import ceil
from typing import Self

import numpy as np

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.waveforms.channels import Channel
from archive.dicom.rendering.waveforms.envelopes import Block, Envelope
from archive.dicom.rendering.waveforms.samples import OpenField, Samples
from archive.dicom.rendering.waveforms.texts import measure, words

TIME_OFFSET, ORIGINALITY, FREQUENCY = "00181068", "003A0004", "003A001A"
LABEL, CHANNEL_DEFINITION = "003A0020", "003A0200"

#: So many channels of a group are shown: more would be too thin, or on too long a page.
MOST_CHANNELS = 128

#: Samples of a second, and seconds, beyond which nothing is sampled.
_SLOWEST, _FASTEST, _LATEST = 1e-6, 1e12, 1e9


@dataclass(frozen=True, slots=True, eq=False)
class MultiplexGroup:
    """A group and those of its channels that are shown.

    `number`: its place in the sequence, from 1. `frequency`: None when the data set has none that makes sense; samples
    are counted then. `offset`: of its beginning from the reference time, in seconds.
    """

    number: int
    label: str
    derived: bool
    frequency: float | None
    offset: float
    channels: tuple[Channel, ...]
    samples: Samples

    @classmethod
    def of(cls, item: Attributes, number: int, open_field: OpenField | None) -> Self:
        """The group of an item.

        Raises:
            NotRenderable: its samples are of no kind that is known, or there are none.
        """
        samples = Samples.of(item, open_field)
        frequency = item.number(FREQUENCY) or 0.0
        rate = frequency if _SLOWEST <= frequency <= _FASTEST else None
        definitions = (
            item.item(CHANNEL_DEFINITION, index) or Attributes({}, item.read_bulk)
            for index in range(min(samples.channels, MOST_CHANNELS))
        )
        return cls(
            number=number,
            label=words(item, LABEL) or f"Group {number}",
            derived=item.text(ORIGINALITY) == "DERIVED",
            frequency=rate,
            offset=(measure(item, TIME_OFFSET, most=1000 * _LATEST) or 0.0) / 1000,
            channels=tuple(
                Channel.of(definition, n, rate, samples.kind) for n, definition in enumerate(definitions, 1)
            ),
            samples=samples,
        )

    @property
    def rate(self) -> float:
        """Samples of a second, or 1 where time is counted in samples."""
        return self.frequency or 1.0

    @property
    def duration(self) -> float:
        """Seconds, or samples where they are counted."""
        return self.samples.count / self.rate

    def envelope(self, seconds: float, columns: int) -> Envelope:
        """The curves of its first seconds, in the units of the channels.

        PS3.3 Section C.10.9.1.4.2: a sample times the sensitivity, corrected, and the baseline.
        """
        count = min(ceil(seconds * self.rate), self.samples.count)
        factors = np.array([channel.factor for channel in self.channels])
        baselines = np.array([channel.baseline for channel in self.channels])
        return Envelope.of(self._shown, count, columns).scaled(factors, baselines)

    def _shown(self, start: int, stop: int) -> Block:
        """Samples of the channels that are shown."""
        block, shown = self.samples.read(start, stop), len(self.channels)
        return Block(block.stored[:shown], None if block.known is None else block.known[:shown])
