"""Waveform Data as the numbers that they hold: PS3.3 Sections C.10.9.1.5 to C.10.9.1.7."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.waveforms.envelopes import Block

CHANNELS, SAMPLES = "003A0005", "003A0010"
BITS_ALLOCATED, SAMPLE_INTERPRETATION = "54001004", "54001006"
PADDING_VALUE, WAVEFORM_DATA = "5400100A", "54001010"


class Field(Protocol):
    """A value field of which parts are read: bytes, or what reads them where they are stored."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> bytes: ...


#: Gives a field by its path: `54000100/0/54001010`.
OpenField = Callable[[str], Field]


def _mu_law() -> NDArray[np.int16]:
    """What the codes of ITU-T G.711 mu-law stand for, from -8031 to 8031."""
    codes = ~np.arange(256) & 0xFF
    magnitude = ((2 * (codes & 15) + 33) << (codes >> 4 & 7)) - 33
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _a_law() -> NDArray[np.int16]:
    """What the codes of ITU-T G.711 A-law stand for, from -4032 to 4032."""
    codes = np.arange(256) ^ 0x55
    exponent, mantissa = codes >> 4 & 7, codes & 15
    magnitude = np.where(exponent, (2 * mantissa + 33) << np.maximum(exponent - 1, 0), 2 * mantissa + 1)
    return np.where(codes & 0x80, magnitude, -magnitude).astype(np.int16)


#: PS3.3 Section C.10.9.1.5: (Waveform Bits Allocated, Waveform Sample Interpretation).
_KINDS = {
    (8, "SB"): "i1", (8, "UB"): "u1", (8, "MB"): "u1", (8, "AB"): "u1",
    (16, "SS"): "<i2", (16, "US"): "<u2",
    (32, "SL"): "<i4", (32, "UL"): "<u4",
    (64, "SV"): "<i8", (64, "UV"): "<u8",
}  # fmt: skip
_COMPANDED = {"MB": _mu_law(), "AB": _a_law()}


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The samples of a multiplex group, of which as many are read as are wanted.

    `count`: for each channel. `padding`: stands for a sample that there is not. `companding`: values by their codes.
    """

    field: Field
    kind: np.dtype[Any]
    channels: int
    count: int
    padding: int | None = None
    companding: NDArray[np.int16] | None = None

    @classmethod
    def of(cls, item: Attributes, open_field: OpenField | None) -> Self:
        """The samples of an item of the Waveform Sequence.

        Where the data are shorter than Number of Waveform Samples says, there are as many as the data have.

        Raises:
            NotRenderable: they are of no kind that PS3.3 has, or there are none.
        """
        bits, interpretation = item.integer(BITS_ALLOCATED) or 0, item.text(SAMPLE_INTERPRETATION)
        channels = item.integer(CHANNELS) or 0
        if (bits, interpretation) not in _KINDS:
            raise NotRenderable(f"The waveform {item.path} has samples of a kind that is not rendered.")
        kind = np.dtype(_KINDS[bits, interpretation])
        in_bulk = open_field and "BulkDataURI" in item.data_set.get(WAVEFORM_DATA, {})
        field = open_field(item.path + WAVEFORM_DATA) if open_field and in_bulk else item.field(WAVEFORM_DATA)
        count = min(item.integer(SAMPLES) or 0, len(field) // (kind.itemsize * channels)) if channels > 0 else 0
        if count <= 0:
            raise NotRenderable(f"The waveform {item.path} has no samples.")
        return cls(field, kind, channels, count, sample(item, PADDING_VALUE, kind), _COMPANDED.get(interpretation))

    @property
    def stride(self) -> int:
        """Bytes of one sample of every channel."""
        return self.kind.itemsize * self.channels

    def read(self, start: int, stop: int) -> Block:
        """The samples from `start` up to `stop` of every channel."""
        data = self.field[start * self.stride : stop * self.stride]
        stored = np.frombuffer(data, self.kind, len(data) // self.stride * self.channels)
        stored = np.ascontiguousarray(stored.reshape(-1, self.channels).T)
        known = None if self.padding is None else stored != self.padding
        return Block(stored if self.companding is None else self.companding[stored], known)


def sample(attributes: Attributes, key: str, kind: np.dtype[Any]) -> int | None:
    """An attribute that is encoded as a sample is (PS3.5 Section 8.3); None when it is absent."""
    field = attributes.field(key)[: kind.itemsize]
    return int(np.frombuffer(field, kind)[0]) if len(field) == kind.itemsize else None
