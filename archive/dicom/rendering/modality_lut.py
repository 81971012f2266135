"""From stored values to those of the modality: the Modality LUT Module (PS3.3 Section C.11.1)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.functional_groups import PIXEL_VALUE_TRANSFORMATION, macro
from archive.dicom.rendering.lookup_tables import LookupTable

MODALITY_LUT_SEQUENCE = "00283000"
RESCALE_INTERCEPT, RESCALE_SLOPE = "00281052", "00281053"


@dataclass(frozen=True, slots=True)
class Rescale:
    """Output is `slope` times the stored value, plus `intercept`."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of any shape, as float64."""
        return values.astype(np.float64) * self.slope + self.intercept

    def range_of(self, values: NDArray[Any]) -> tuple[float, float]:
        """The least and the greatest output."""
        low, high = sorted(self.apply(np.array((values.min(), values.max()))).tolist())
        return low, high


def modality_lut(attributes: Attributes, frame: int, *, signed: bool) -> Rescale | LookupTable:
    """What holds for a frame, counted from 1: a table, or else the rescaling, which by default changes nothing.

    A slope of 0 would leave no image: it is taken as not given.
    """
    if item := attributes.item(MODALITY_LUT_SEQUENCE):
        return LookupTable.of(item, signed=signed)
    given = macro(attributes, PIXEL_VALUE_TRANSFORMATION, frame)
    return Rescale(given.number(RESCALE_SLOPE) or 1.0, given.number(RESCALE_INTERCEPT) or 0.0)
