"""From values of interest to P-Values: the Softcopy Presentation LUT Module (PS3.3 Section C.11.6)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.lookup_tables import LookupTable

PRESENTATION_LUT_SEQUENCE, PRESENTATION_LUT_SHAPE = "20500010", "20500020"

_WHITE = 255


@dataclass(frozen=True, slots=True)
class PresentationLut:
    """A table, or one of the shapes IDENTITY and INVERSE."""

    table: LookupTable | None = None
    inverse: bool = False

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Values of any shape from 0 to 1, as gray; the ends of the table are those of their range."""
        values = np.nan_to_num(values)
        if self.table is not None:
            last = len(self.table.entries) - 1
            values = self.table.apply(values * last + self.table.first) / self.table.largest
        elif self.inverse:
            values = 1 - values
        gray: NDArray[np.uint8] = np.rint(values * _WHITE).astype(np.uint8)
        return gray


def presentation_lut(attributes: Attributes, *, white_is_least: bool = False) -> PresentationLut:
    """That of a data set. A table says all there is to say of the polarity.

    MONOCHROME1 (PS3.3 Section C.7.6.3.1.2) and INVERSE say the same thing, so that together they invert once; and
    MONOCHROME1 that is IDENTITY too is believed, as most displays do not know Presentation LUT Shape.

    Args:
        white_is_least: whether the image is MONOCHROME1.
    """
    if item := attributes.item(PRESENTATION_LUT_SEQUENCE):
        return PresentationLut(LookupTable.of(item, signed=False))
    return PresentationLut(inverse=white_is_least or attributes.text(PRESENTATION_LUT_SHAPE) == "INVERSE")
