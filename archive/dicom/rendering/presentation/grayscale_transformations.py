"""From stored values to P-Values, or to pseudo-color: what a presentation state says instead of the image.

PS3.4 Section N.2.1: Modality LUT, mask, VOI LUT, Presentation LUT. What the presentation state does not have is
identity, whatever the image has; Photometric Interpretation is overridden (N.2.1.4).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.grayscale import shown
from archive.dicom.rendering.lookup_tables import LookupTable
from archive.dicom.rendering.modality_lut import Rescale, modality_lut
from archive.dicom.rendering.palette_color_lut import PaletteColorLut
from archive.dicom.rendering.pixel_padding import padded
from archive.dicom.rendering.presentation.mask import Subtraction
from archive.dicom.rendering.presentation.references import Frame, items_for
from archive.dicom.rendering.presentation_lut import presentation_lut
from archive.dicom.rendering.stored_values import range_of
from archive.dicom.rendering.voi_lut import VoiTable, Window, spread_over, voi_lut

SOFTCOPY_VOI_LUT_SEQUENCE = "00283110"

#: From values from 0 to 1, of any shape, to gray, or to RGB along a further axis.
Output = Callable[[NDArray[Any]], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Stored:
    """Stored values (rows, columns) of a frame and of those that are subtracted, by number, and what describes them."""

    values: Mapping[int, NDArray[Any]]
    pixels: PixelDescription
    image: Attributes


def transformed(
    stored: Stored, attributes: Attributes, frame: Frame, subtraction: Subtraction | None, output: Output
) -> NDArray[np.uint8]:
    """A frame as the presentation state of these attributes has it; padding of the image is black."""
    values = stored.values[frame.number]
    padding = padded(values, stored.image, stored.pixels.bits_allocated)
    modality = modality_lut(attributes, frame.number, signed=values.dtype.kind == "i")
    low, high = _full_range(values, stored.pixels, modality)
    if subtraction is None:
        voi = _softcopy_voi_lut(attributes, frame, values, low, high)
        return shown(values, padding, lambda part: output(voi.apply(modality.apply(part))))
    if missing := subtraction.frames - stored.values.keys():
        raise NotRenderable(f"Frames {sorted(missing)} are needed for a mask (0028,6110).")
    difference = subtraction.apply({one: modality.apply(stored.values[one]) for one in subtraction.frames})
    voi = _softcopy_voi_lut(attributes, frame, values, low - high, high - low)
    return shown(difference, padding, lambda part: output(voi.apply(part)))


def gray(attributes: Attributes) -> Output:
    """By the Softcopy Presentation LUT Module."""
    return presentation_lut(attributes).apply


def pseudo_color(attributes: Attributes) -> Output:
    """By the Palette Color Lookup Table Module: the range of the values is that of the table's entries."""
    palette = PaletteColorLut.of(attributes, signed=False)
    first, last = palette.tables[0].first, len(palette.tables[0].entries) - 1
    return lambda values: palette.apply(np.nan_to_num(values) * last + first)


def _full_range(values: NDArray[Any], pixels: PixelDescription, modality: Rescale | LookupTable) -> tuple[float, float]:
    """What values of the modality there may be; of float pixels, what there are."""
    if isinstance(modality, LookupTable):
        return 0, modality.largest
    if values.dtype.kind != "f":
        return modality.range_of(np.array(range_of(pixels)))
    numbers = values[np.isfinite(values)]
    return modality.range_of(numbers) if numbers.size else (0, 1)


def _softcopy_voi_lut(
    attributes: Attributes, frame: Frame, values: NDArray[Any], low: float, high: float
) -> VoiTable | Window:
    """The Softcopy VOI LUT Module (PS3.3 Section C.11.8); without an item for the frame, identity: the full range."""
    signed, floating = low < 0 or values.dtype.kind == "i", values.dtype.kind == "f"
    for item in items_for(attributes, SOFTCOPY_VOI_LUT_SEQUENCE, frame):
        if found := voi_lut(item, frame.number, signed=lambda: signed, floating=floating):
            return found
    return spread_over(low, high)
