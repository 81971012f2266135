"""Tables of output values by input value: PS3.3 Sections C.7.6.3.1.5, C.11.1.1.1 and C.11.2.1.1."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes

LUT_DESCRIPTOR, LUT_DATA = "00283002", "00283006"

#: A first value of 16 bits from here on stands for a negative one, when values can be negative.
_SIGN_BIT = 1 << 15
#: A number of entries of 0 stands for this one.
_MOST_ENTRIES = 1 << 16
_LARGEST_ENTRY_BITS = 16


@dataclass(frozen=True, slots=True)
class LutDescriptor:
    """How many entries there are, which input value has the first of them, and the bits of each."""

    count: int
    first: int
    bits: int

    @classmethod
    def of(cls, attributes: Attributes, key: str, *, signed: bool) -> Self:
        """`signed`: whether input values may be negative; some senders write US all the same."""
        values = attributes.numbers(key)
        if len(values) != 3 or not np.isfinite(values).all():
            raise NotRenderable(f"The LUT Descriptor {attributes.path}{key} has not three numbers.")
        count, first, bits = map(int, values)
        if not 1 <= bits <= _LARGEST_ENTRY_BITS:
            raise NotRenderable(f"The LUT Descriptor {attributes.path}{key} is of {bits} bits.")
        if signed and first >= _SIGN_BIT:
            first -= 1 << 16
        # The number of entries may have been read as signed, together with the first value.
        return cls(count % _MOST_ENTRIES or _MOST_ENTRIES, first, bits)


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """Entries (uint16) for the input values from `first` on, each of `bits` bits."""

    first: int
    bits: int
    entries: NDArray[np.uint16]

    @classmethod
    def of(cls, attributes: Attributes, *, signed: bool) -> Self:
        """The table of an item of a Modality or VOI LUT Sequence."""
        descriptor = LutDescriptor.of(attributes, LUT_DESCRIPTOR, signed=signed)
        return cls.made(descriptor, entries_of(attributes, LUT_DATA, descriptor))

    @classmethod
    def made(cls, descriptor: LutDescriptor, entries: NDArray[np.uint16]) -> Self:
        """Entries larger than their bits are taken at their word: there are descriptors that say too little."""
        needed = int(entries.max()).bit_length()
        return cls(descriptor.first, max(descriptor.bits, needed), entries)

    @property
    def largest(self) -> int:
        """The largest value that an entry can have."""
        return (1 << self.bits) - 1

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """The entries of values of any shape; outside the table those of its ends."""
        places = np.clip(np.rint(values.astype(np.float64)) - self.first, 0, len(self.entries) - 1)
        found: NDArray[np.uint16] = self.entries[places.astype(np.intp)]
        return found

    def range_of(self, values: NDArray[Any]) -> tuple[float, float]:
        """The least and the greatest entry that any of the values has."""
        found = self.apply(values)
        return float(found.min()), float(found.max())


def entries_of(attributes: Attributes, key: str, descriptor: LutDescriptor) -> NDArray[np.uint16]:
    """LUT Data: words, or bytes when there are no more of them than entries (PS3.3 Section C.7.6.3.1.6)."""
    field = attributes.field(key)
    if len(field) >= 2 * descriptor.count:
        return np.frombuffer(field, "<u2", descriptor.count).astype(np.uint16)
    if len(field) >= descriptor.count and descriptor.bits <= 8:
        return np.frombuffer(field, np.uint8, descriptor.count).astype(np.uint16)
    raise NotRenderable(f"The LUT Data {attributes.path}{key} have {len(field)} bytes for {descriptor.count} entries.")
