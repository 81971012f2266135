"""The grayscale pipeline: Modality LUT, VOI LUT, Presentation LUT (PS3.4 Section N.2.1)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.lookup_tables import LookupTable
from archive.dicom.rendering.modality_lut import Rescale, modality_lut
from archive.dicom.rendering.pixel_padding import padded
from archive.dicom.rendering.stored_values import by_value, range_of
from archive.dicom.rendering.voi_lut import VoiTable, Window, spread_over, voi_lut

PRESENTATION_LUT_SHAPE = "20500020"
SEGMENTATION_TYPE, MAXIMUM_FRACTIONAL_VALUE = "00620001", "0062000E"

_WHITE = 255
#: Pixels of so few bits are made to be shown as they are.
_DISPLAY_BITS = 8


def grayscale(
    values: NDArray[Any], pixels: PixelDescription, attributes: Attributes, frame: int, window: Window | None, view: int
) -> NDArray[np.uint8]:
    """Stored values of the shape (rows, columns) as gray, 0 for black. Padding is black whatever the polarity.

    Args:
        frame: the frame's number, from 1.
        window: goes before what the data set has.
        view: which of those in the data set (`voi_lut`).
    """
    padding = padded(values, attributes, pixels.bits_allocated)
    visible = values if padding is None else values[~padding]
    if values.dtype.kind == "f" and padding is not None:
        values = np.where(padding, 0, values)
    if not visible.size:
        return np.zeros(values.shape, np.uint8)
    modality = modality_lut(attributes, frame, signed=values.dtype.kind == "i")
    voi = window or _voi_lut(visible, modality, pixels, attributes, frame, view)
    inverse = is_inverse(pixels, attributes)
    gray = by_value(values, lambda stored: _shown(stored, modality, voi, inverse=inverse))
    if padding is not None:
        gray[padding] = 0
    return gray


def is_inverse(pixels: PixelDescription, attributes: Attributes) -> bool:
    """Whether the least value is white: MONOCHROME1 (PS3.3 Section C.7.6.3.1.2), or INVERSE (Section C.11.6).

    Both say the same thing, so that together they invert once; and MONOCHROME1 that is IDENTITY too is believed, as
    most displays do not know Presentation LUT Shape.
    """
    return pixels.photometric_interpretation == "MONOCHROME1" or attributes.text(PRESENTATION_LUT_SHAPE) == "INVERSE"


def _voi_lut(
    visible: NDArray[Any],
    modality: Rescale | LookupTable,
    pixels: PixelDescription,
    attributes: Attributes,
    frame: int,
    view: int,
) -> VoiTable | Window:
    """The view that is asked for of those in the data set; where it has none, a window over what is there.

    Pixels of up to 8 bits have all of their range: they are captured from a display or are masks, and to stretch each
    frame by itself would make a cine flicker. The wider ranges of others are hardly ever used in full, and nobody
    would see a thing; from the least to the greatest value nothing is hidden. So are labels, of which there are few.
    """
    low, high = modality.range_of(visible)
    signed, floating = low < 0 or visible.dtype.kind == "i", visible.dtype.kind == "f"
    if given := voi_lut(attributes, frame, view, signed=signed, floating=floating):
        return given
    labels = attributes.text(SEGMENTATION_TYPE) == "LABELMAP"
    if floating or labels or pixels.bits_stored > _DISPLAY_BITS or isinstance(modality, LookupTable):
        return spread_over(low, high)
    least, greatest = range_of(pixels)
    greatest = attributes.integer(MAXIMUM_FRACTIONAL_VALUE) or greatest
    return spread_over(*modality.range_of(np.array((least, greatest))))


def _shown(
    stored: NDArray[Any], modality: Rescale | LookupTable, voi: VoiTable | Window, *, inverse: bool
) -> NDArray[np.uint8]:
    shown = voi.apply(modality.apply(stored))
    if inverse:
        shown = 1 - shown
    gray: NDArray[np.uint8] = np.rint(np.nan_to_num(shown) * _WHITE).astype(np.uint8)
    return gray
