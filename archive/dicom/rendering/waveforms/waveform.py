"""A waveform object: which SOP classes there are, and what is read of one to show it (PS3.3 Section C.10)."""

from dataclasses import dataclass
from enum import Enum

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.waveforms.groups import MultiplexGroup
from archive.dicom.rendering.waveforms.remarks import Remark, remarks
from archive.dicom.rendering.waveforms.samples import OpenField

SOP_CLASS, WAVEFORM_SEQUENCE = "00080016", "54000100"

#: So many multiplex groups of an object are shown.
MOST_GROUPS = 8


class Manner(Enum):
    """How waveforms are read by those who know them."""

    PAPER = "on millimetre paper, at one speed and one gain"
    MONTAGE = "below each other, all voltages at one gain"
    STRIPS = "each in its own range"


_CLASS = "1.2.840.10008.5.1.4.1.1.9"

#: PS3.4 Table B.5-1. SOP class -> its name, how it is shown, and the seconds of a page; None for all of the recording.
CLASSES: dict[str, tuple[str, Manner, float | None]] = {
    f"{_CLASS}.1.1": ("12-lead ECG", Manner.PAPER, 10),
    f"{_CLASS}.1.2": ("General ECG", Manner.PAPER, 10),
    f"{_CLASS}.1.3": ("Ambulatory ECG", Manner.PAPER, 10),
    f"{_CLASS}.1.4": ("General 32-bit ECG", Manner.PAPER, 10),
    f"{_CLASS}.2.1": ("Hemodynamic waveform", Manner.STRIPS, None),
    f"{_CLASS}.3.1": ("Cardiac electrophysiology", Manner.STRIPS, None),
    f"{_CLASS}.4.1": ("Basic voice audio", Manner.STRIPS, None),
    f"{_CLASS}.4.2": ("General audio", Manner.STRIPS, None),
    f"{_CLASS}.5.1": ("Arterial pulse", Manner.STRIPS, None),
    f"{_CLASS}.6.1": ("Respiratory waveform", Manner.STRIPS, None),
    f"{_CLASS}.6.2": ("Multi-channel respiratory waveform", Manner.STRIPS, None),
    f"{_CLASS}.7.1": ("Routine scalp EEG", Manner.MONTAGE, 10),
    f"{_CLASS}.7.2": ("Electromyogram", Manner.STRIPS, None),
    f"{_CLASS}.7.3": ("Electrooculogram", Manner.MONTAGE, 10),
    f"{_CLASS}.7.4": ("Sleep EEG", Manner.MONTAGE, 30),
    f"{_CLASS}.8.1": ("Body position", Manner.STRIPS, None),
}
_OTHER = ("Waveform", Manner.STRIPS, None)


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """What is shown of a waveform object. `left_out`: how many of its multiplex groups are not."""

    name: str
    manner: Manner
    page_seconds: float | None
    groups: tuple[MultiplexGroup, ...]
    left_out: int
    remarks: tuple[Remark, ...]


def waveform(attributes: Attributes, open_field: OpenField | None = None) -> Waveform:
    """The waveforms of a data set.

    Groups that cannot be shown are left out, and counted, as long as there is one that can.

    Args:
        open_field: gives Waveform Data that are bulk data, so that no more is read of them than is shown; without it,
            they are read whole.

    Raises:
        NotRenderable: there are no waveforms, or none that can be shown.
    """
    name, manner, page_seconds = CLASSES.get(attributes.text(SOP_CLASS), _OTHER)
    groups, problem = [], NotRenderable("The instance has no waveforms.")
    count = attributes.count(WAVEFORM_SEQUENCE)
    for index in range(min(count, MOST_GROUPS)):
        item = attributes.item(WAVEFORM_SEQUENCE, index)
        try:
            groups += [MultiplexGroup.of(item, index + 1, open_field)] if item else []
        except NotRenderable as error:
            problem = error
    if not groups:
        raise problem
    return Waveform(name, manner, page_seconds, tuple(groups), count - len(groups), tuple(remarks(attributes)))
