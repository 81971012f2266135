"""From values of the modality to those of interest: the VOI LUT Module (PS3.3 Section C.11.2)."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, repeat
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import UnusableWindow
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.functional_groups import FRAME_VOI_LUT, macro
from archive.dicom.rendering.lookup_tables import LookupTable
from archive.dicom.rendering.words import one_line, written

VOI_LUT_SEQUENCE = "00283010"
WINDOW_CENTER, WINDOW_WIDTH, VOI_LUT_FUNCTION = "00281050", "00281051", "00281056"
WINDOW_EXPLANATION = "00281055"

#: As far as windows are spread: the width between any two such values is a number too.
_FARTHEST = 1e300


class VoiLutFunction(StrEnum):
    """PS3.3 Sections C.11.2.1.2 and C.11.2.1.3."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """The values around `center` that are told apart.

    Raises:
        UnusableWindow: there is none of such a width. LINEAR needs 1 at least, the others more than 0.
    """

    center: float
    width: float
    function: VoiLutFunction = VoiLutFunction.LINEAR

    def __post_init__(self) -> None:
        legal = self.width >= 1 if self.function is VoiLutFunction.LINEAR else self.width > 0
        if not (legal and isfinite(self.width) and isfinite(self.center)):
            raise UnusableWindow(f"{self.function} has no window of center {self.center} and width {self.width}.")

    def apply(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of any shape, as float64 from 0 to 1."""
        values = values.astype(np.float64)
        if self.function is VoiLutFunction.SIGMOID:
            # The same as 1 / (1 + exp(-4 (x - c) / w)), which overflows.
            return 0.5 + 0.5 * np.tanh(2 * (values - self.center) / self.width)
        if self.function is VoiLutFunction.LINEAR_EXACT:
            return np.clip((values - self.center) / self.width + 0.5, 0, 1)
        if self.width == 1:
            return (values > self.center - 0.5).astype(np.float64)
        return np.clip((values - (self.center - 0.5)) / (self.width - 1) + 0.5, 0, 1)


@dataclass(frozen=True, slots=True)
class VoiTable:
    """An item of the VOI LUT Sequence."""

    table: LookupTable

    def apply(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of any shape, as float64 from 0 to 1."""
        return self.table.apply(values) / self.table.largest


def voi_lut(
    attributes: Attributes, frame: int, *, signed: Callable[[], bool], floating: bool = False
) -> VoiTable | Window | None:
    """The first table for a frame, counted from 1, or else its first window; None when there is neither.

    PS3.3 Section C.11.2.1 leaves the choice to who shows the image. Where there are both, the table is what was made
    for this image, and the window comes close to it.

    Args:
        signed: whether values of the modality may be negative; asked where there is a table.
        floating: whether stored values are floats.
    """
    given = macro(attributes, FRAME_VOI_LUT, frame)
    if item := given.item(VOI_LUT_SEQUENCE):
        return VoiTable(LookupTable.of(item, signed=signed()))
    return next((window for _, window in _windows(given, exact=floating)), None)


def named_windows(attributes: Attributes, frame: int, *, floating: bool = False) -> list[tuple[str, Window]]:
    """The windows for a frame, counted from 1, in their order, and what each is called; empty where nothing is said."""
    return list(_windows(macro(attributes, FRAME_VOI_LUT, frame), exact=floating))


def spread_over(low: float, high: float) -> Window:
    """The window that shows `low` black and `high` white; when they are the same, black."""
    low, high = max(low, -_FARTHEST), min(high, _FARTHEST)
    width = high - low if high > low else max(1.0, abs(low))
    return Window(low + width / 2, width, VoiLutFunction.LINEAR_EXACT)


def _windows(given: Attributes, *, exact: bool) -> Iterator[tuple[str, Window]]:
    """Those that are legal, by name. A function that PS3.3 does not have is taken for the default one.

    `exact`: LINEAR, whose ends lie half an integer inside the window, is taken for LINEAR_EXACT. Parametric maps from 0
    to 1 are sent with a LINEAR window of 1, in which there would be black and white only.
    """
    name = given.text(VOI_LUT_FUNCTION)
    function = VoiLutFunction(name) if name in VoiLutFunction.__members__ else VoiLutFunction.LINEAR
    if exact and function is VoiLutFunction.LINEAR:
        function = VoiLutFunction.LINEAR_EXACT
    names = chain(map(written, given.values(WINDOW_EXPLANATION)), repeat(""))
    for center, width, called in zip(given.numbers(WINDOW_CENTER), given.numbers(WINDOW_WIDTH), names, strict=False):
        with suppress(UnusableWindow):
            yield one_line(called), Window(center, width, function)
