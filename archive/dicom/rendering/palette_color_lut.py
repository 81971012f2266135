"""Colors by number: the Palette Color Lookup Table Module (PS3.3 Section C.7.9)."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.lookup_tables import LookupTable, LutDescriptor, entries_of
from archive.dicom.rendering.segmented_lut import expanded

RED_DESCRIPTOR = "00281101"
#: Red, green, blue: the descriptor, the data, and the segmented data.
_TABLES = (
    (RED_DESCRIPTOR, "00281201", "00281221"),
    ("00281102", "00281202", "00281222"),
    ("00281103", "00281203", "00281223"),
)
_WHITE = 255


@dataclass(frozen=True, slots=True)
class PaletteColorLut:
    """A table for each of red, green and blue."""

    tables: tuple[LookupTable, ...]

    @classmethod
    def of(cls, attributes: Attributes, *, signed: bool) -> Self:
        """`signed`: whether stored values may be negative."""
        return cls(tuple(_table(attributes, *keys, signed=signed) for keys in _TABLES))

    @property
    def first(self) -> int:
        """The value that has the first color."""
        return self.tables[0].first

    @property
    def count(self) -> int:
        """How many colors there are."""
        return len(self.tables[0].entries)

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """The colors of stored values (rows, columns), in the shape (rows, columns, 3).

        Entries of 16 bits of which none needs more than 8 were meant to have 8: all would be as good as black.
        """
        largest = max(table.largest for table in self.tables)
        if all(int(table.entries.max()) <= _WHITE for table in self.tables):
            largest = _WHITE
        colors = [np.rint(table.entries * (_WHITE / largest)).astype(np.uint16) for table in self.tables]
        scaled = (LookupTable(table.first, 8, color) for table, color in zip(self.tables, colors, strict=True))
        return np.stack([table.apply(values).astype(np.uint8) for table in scaled], axis=-1)


def _table(attributes: Attributes, descriptor_key: str, key: str, segmented_key: str, *, signed: bool) -> LookupTable:
    descriptor = LutDescriptor.of(attributes, descriptor_key, signed=signed)
    if segments := attributes.field(segmented_key):
        return LookupTable.made(descriptor, expanded(segments, descriptor.bits, descriptor.count))
    if key not in attributes:
        raise NotRenderable(f"There is no palette {key}.")
    return LookupTable.made(descriptor, entries_of(attributes, key, descriptor))
