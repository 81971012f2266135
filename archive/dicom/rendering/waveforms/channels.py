"""What is measured by a channel: the Channel Definition Sequence (PS3.3 Section C.10.9.1.4)."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.codes import code
from archive.dicom.rendering.waveforms.leads import lead
from archive.dicom.rendering.waveforms.samples import sample
from archive.dicom.rendering.waveforms.texts import meaning, measure, number, unit, words

LABEL, STATUS, SOURCE = "003A0203", "003A0205", "003A0208"
SENSITIVITY, SENSITIVITY_UNITS, CORRECTION_FACTOR, BASELINE = "003A0210", "003A0211", "003A0212", "003A0213"
TIME_SKEW, SAMPLE_SKEW, OFFSET = "003A0214", "003A0215", "003A0218"
FILTER_LOW, FILTER_HIGH = "003A0220", "003A0221"
MINIMUM, MAXIMUM = "54000110", "54000112"

#: PS3.16 CID 3082: millivolts in one of the unit.
_MILLIVOLTS = {"V": 1e3, "mV": 1.0, "uV": 1e-3, "nV": 1e-6}
_OK = "OK"


@dataclass(frozen=True, slots=True)
class Channel:
    """What samples of a channel stand for: `sample * factor + baseline`, in `unit`.

    `lead`: of an electrocardiogram, empty for another source. `millivolts`: in one of the unit, None where it is no
    voltage. `delay`: seconds from the beginning of the group to the first sample. `limits`: of what could be measured.
    """

    label: str
    lead: str = ""
    unit: str = ""
    millivolts: float | None = None
    factor: float = 1.0
    baseline: float = 0.0
    delay: float = 0.0
    limits: tuple[float, float] | None = None
    status: str = ""
    band: str = ""

    @classmethod
    def of(cls, item: Attributes, order: int, frequency: float | None, kind: np.dtype[Any]) -> Self:
        """A channel as its item says. Samples are in arbitrary units when the sensitivity is none, or 0."""
        sensitivity = measure(item, SENSITIVITY)
        factor, baseline, units = 1.0, 0.0, ""
        if sensitivity:
            factor = sensitivity * (measure(item, CORRECTION_FACTOR) or 1.0)
            baseline = measure(item, BASELINE) or 0.0
            units, _ = code(item, SENSITIVITY_UNITS)
        label, source = words(item, LABEL), meaning(item, SOURCE)
        name = lead(code(item, SOURCE), label, source)
        return cls(
            label=label or name or source or f"Channel {order}",
            lead=name,
            unit=unit(units),
            millivolts=_MILLIVOLTS.get(units),
            factor=factor,
            baseline=baseline,
            delay=_delay(item, frequency),
            limits=_limits(item, kind, factor, baseline),
            status=_status(item),
            band=_band(item),
        )

    @property
    def name(self) -> str:
        """As it is printed: of leads, their own."""
        return self.lead or self.label

    def notes(self, values: NDArray[np.float64]) -> list[str]:
        """What is not as it should be with the channel, and with the values of it that are shown."""
        notes = [self.status] if self.status else []
        if self.limits and bool(np.any((values <= self.limits[0]) | (values >= self.limits[1]))):
            notes.append("at its limits")
        return notes


def _delay(item: Attributes, frequency: float | None) -> float:
    """PS3.3 Section C.10.9.1.4.3: a skew in seconds or in samples, and an offset."""
    skew = measure(item, TIME_SKEW)
    if skew is None and frequency:
        skew = (measure(item, SAMPLE_SKEW) or 0.0) / frequency
    return (skew or 0.0) + (measure(item, OFFSET) or 0.0)


def _limits(item: Attributes, kind: np.dtype[Any], factor: float, baseline: float) -> tuple[float, float] | None:
    """The values at which the equipment ends (PS3.3 Section C.10.9.1.4.5): curves that are there are cut."""
    least, greatest = sample(item, MINIMUM, kind), sample(item, MAXIMUM, kind)
    if least is None or greatest is None or least >= greatest:
        return None
    low, high = sorted((least * factor + baseline, greatest * factor + baseline))
    return low, high


def _status(item: Attributes) -> str:
    """What is not as it should be with the channel."""
    status = words(item, STATUS)
    return "" if status.upper() == _OK else status.lower()


def _band(item: Attributes) -> str:
    """The frequencies that filters let through."""
    low, high = item.number(FILTER_LOW), item.number(FILTER_HIGH)
    if low and high:
        return f"{number(low)}–{number(high)} Hz"
    return f"up to {number(high)} Hz" if high else ""
