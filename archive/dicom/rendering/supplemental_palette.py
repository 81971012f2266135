"""Colors in images that are gray otherwise, such as flow and perfusion: palettes beside MONOCHROME2.

Supplemental ones (PS3.3 Section C.7.6.19), ranges of values in colors, and those of ultrasound volumes, of which each
frame is shown by itself (Section C.7.6.23): there is no blending with the frames of other data, and no alpha.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.functional_groups import FRAME_TYPES, IMAGE_DATA_TYPE, macro
from archive.dicom.rendering.palette_color_lut import RED_DESCRIPTOR, PaletteColorLut
from archive.dicom.rendering.stored_values import by_value

PIXEL_PRESENTATION = "00089205"
COLOR_RANGES, LEAST_MAPPED, GREATEST_MAPPED = "00281230", "00281231", "00281232"
DATA_FRAMES, DATA_TYPE, DATA_PATH, BITS_MAPPED = "00281401", "00189808", "00281402", "00281403"
ENHANCED_PALETTES, DATA_PATH_ID, RGB_TRANSFER = "0028140B", "0028140E", "0028140F"

_COLOR, _COLOR_RANGE = frozenset({"COLOR", "MIXED"}), "COLOR_RANGE"
#: The data that are shown by a palette alone, by the path that they take to it. P-Values are gray.
_PATHS = {"PRIMARY_SINGLE": "PRIMARY", "SECONDARY_SINGLE": "SECONDARY"}


@dataclass(frozen=True, slots=True)
class SupplementalPalette:
    """Which stored values are colored, and how.

    Args:
        lowest: values from this one on have colors; the others are grays.
        scale: of a value, to be the number of a color, after which `offset` is added and fractions are left out.
    """

    palette: PaletteColorLut
    lowest: float = -inf
    scale: float = 1
    offset: float = 0

    def apply(
        self,
        values: NDArray[Any],
        padding: NDArray[np.bool_] | None,
        grayscale: Callable[[NDArray[Any]], NDArray[np.uint8]],
    ) -> NDArray[np.uint8]:
        """Stored values (rows, columns) as RGB. Colored ones have no part in the range of the grays."""
        colored = values >= self.lowest if padding is None else (values >= self.lowest) & ~padding
        rest = values[~colored]
        gray = grayscale(np.where(colored, rest[0], values)) if rest.size else np.zeros(values.shape, np.uint8)
        image = np.repeat(gray[..., np.newaxis], 3, axis=-1)
        if rest.size < values.size:
            image[colored] = by_value(values[colored], self._colors)
        return image

    def _colors(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        return self.palette.apply(np.floor(values * self.scale + self.offset))


def supplemental_palette(
    attributes: Attributes, pixels: PixelDescription, frame: int, *, signed: bool
) -> SupplementalPalette | None:
    """The one of a frame, counted from 1; None when it is gray only.

    Args:
        signed: whether stored values may be negative.

    Raises:
        NotRenderable: there is one, and it is malformed.
    """
    if ENHANCED_PALETTES in attributes:
        return _enhanced(attributes, pixels, frame)
    presentation = _pixel_presentation(attributes, frame)
    if presentation not in _COLOR | {_COLOR_RANGE} or RED_DESCRIPTOR not in attributes:
        return None
    palette = PaletteColorLut.of(attributes, signed=signed)
    if presentation == _COLOR_RANGE:
        return _over_range(macro(attributes, COLOR_RANGES, frame), palette)
    return SupplementalPalette(palette, palette.first)


def _pixel_presentation(attributes: Attributes, frame: int) -> str:
    """That of the frame goes before that of the image, which may be MIXED."""
    groups = (macro(attributes, key, frame) for key in FRAME_TYPES)
    own = next((group for group in groups if group is not attributes), attributes)
    return own.text(PIXEL_PRESENTATION) or attributes.text(PIXEL_PRESENTATION)


def _over_range(given: Attributes, palette: PaletteColorLut) -> SupplementalPalette | None:
    """All colors from the least to the greatest value mapped; beyond those, the first and the last."""
    least, greatest = given.number(LEAST_MAPPED), given.number(GREATEST_MAPPED)
    if least is None or greatest is None or not least < greatest:
        return None
    scale = (palette.count - 1) / (greatest - least)
    return SupplementalPalette(palette, scale=scale, offset=palette.first - least * scale + 0.5)


def _enhanced(attributes: Attributes, pixels: PixelDescription, frame: int) -> SupplementalPalette | None:
    """By the most significant bits of the values, in the palette that the frame's type of data is assigned to."""
    data_type = macro(attributes, IMAGE_DATA_TYPE, frame).text(DATA_TYPE)
    assigned = attributes.found(DATA_FRAMES, DATA_TYPE, data_type)
    path = _PATHS.get(assigned.text(DATA_PATH)) if assigned else None
    palette = attributes.found(ENHANCED_PALETTES, DATA_PATH_ID, path) if path else None
    if assigned is None or palette is None or palette.text(RGB_TRANSFER) != "TABLE":
        return None
    bits = assigned.integer(BITS_MAPPED) or pixels.bits_stored
    if not 0 < bits <= pixels.bits_stored:
        raise NotRenderable(f"Pixels of {pixels.bits_stored} bits have not the {bits} that are mapped ({BITS_MAPPED}).")
    return SupplementalPalette(PaletteColorLut.of(palette, signed=False), scale=2.0 ** (bits - pixels.bits_stored))
