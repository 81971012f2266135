"""The grayscale pipeline: Modality LUT, VOI LUT, Presentation LUT (PS3.4 Section N.2.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.lookup_tables import LookupTable
from archive.dicom.rendering.modality_lut import Rescale, modality_lut
from archive.dicom.rendering.pixel_padding import padded
from archive.dicom.rendering.presentation_lut import presentation_lut
from archive.dicom.rendering.stored_values import by_value, range_of
from archive.dicom.rendering.voi_lut import VoiTable, Window, spread_over, voi_lut

SEGMENTATION_TYPE, MAXIMUM_FRACTIONAL_VALUE = "00620001", "0062000E"

#: Pixels of so few bits are made to be shown as they are.
_DISPLAY_BITS = 8

#: So many pixels say how bright the others are; in percent, where the window between them begins and ends.
_SAMPLE, _LEFT_OUT = 1 << 16, (0.5, 99.5)


def grayscale(
    values: NDArray[Any], pixels: PixelDescription, attributes: Attributes, frame: int, window: Window | None
) -> NDArray[np.uint8]:
    """Stored values of the shape (rows, columns) as gray, 0 for black. Padding is black whatever the polarity.

    Args:
        frame: the frame's number, from 1.
        window: goes before what the data set has.
    """
    padding = padded(values, attributes, pixels.bits_allocated)
    if padding is not None and padding.all():
        return np.zeros(values.shape, np.uint8)
    modality = modality_lut(attributes, frame, signed=values.dtype.kind == "i")
    voi = window or _voi_lut(_Visible(values, padding, modality), pixels, attributes, frame)
    presentation = presentation_lut(attributes, white_is_least=pixels.photometric_interpretation == "MONOCHROME1")
    return shown(values, padding, lambda stored: presentation.apply(voi.apply(modality.apply(stored))))


def shown_window(values: NDArray[Any], pixels: PixelDescription, attributes: Attributes, frame: int) -> Window:
    """The window by which `grayscale` shows a frame when none is given; all that is there, where a table shows it."""
    visible = _visible(values, pixels, attributes, frame)
    voi = _voi_lut(visible, pixels, attributes, frame)
    return voi if isinstance(voi, Window) else spread_over(*visible.range)


def contrast_window(values: NDArray[Any], pixels: PixelDescription, attributes: Attributes, frame: int) -> Window:
    """A window over all but the few darkest and brightest of the pixels of a frame, which say little."""
    visible = _visible(values, pixels, attributes, frame)
    seen = visible.seen
    some = seen[:: max(len(seen) // _SAMPLE, 1)]
    return spread_over(*np.percentile(visible.modality.apply(some), _LEFT_OUT, method="nearest").tolist())


def _visible(values: NDArray[Any], pixels: PixelDescription, attributes: Attributes, frame: int) -> "_Visible":
    padding = padded(values, attributes, pixels.bits_allocated)
    if padding is not None and padding.all():
        raise NotRenderable("A frame of nothing but padding has no window.")
    return _Visible(values, padding, modality_lut(attributes, frame, signed=values.dtype.kind == "i"))


def shown(
    values: NDArray[Any], padding: NDArray[np.bool_] | None, pipeline: Callable[[NDArray[Any]], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Values as a pipeline shows them, and padding black."""
    if padding is None:
        return by_value(values, pipeline)
    if values.dtype.kind == "f":
        values = np.where(padding, 0, values)
    image = by_value(values, pipeline)
    image[padding] = 0
    return image


@dataclass(frozen=True)
class _Visible:
    """The stored values that are to be seen, looked at when they are asked for."""

    values: NDArray[Any]
    padding: NDArray[np.bool_] | None
    modality: Rescale | LookupTable

    @property
    def floating(self) -> bool:
        return self.values.dtype.kind == "f"

    @property
    def signed(self) -> bool:
        """Whether values of the modality may be negative."""
        return self.values.dtype.kind == "i" or self.range[0] < 0

    @cached_property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value of the modality."""
        return self.modality.range_of(self.seen)

    @property
    def seen(self) -> NDArray[Any]:
        """What is no padding, one after the other."""
        return self.values.reshape(-1) if self.padding is None else self.values[~self.padding]


def _voi_lut(visible: _Visible, pixels: PixelDescription, attributes: Attributes, frame: int) -> VoiTable | Window:
    """That of the data set; where it has none, a window over what is there.

    Pixels of up to 8 bits have all of their range: they are captured from a display or are masks, and to stretch each
    frame by itself would make a cine flicker. The wider ranges of others are hardly ever used in full, and nobody
    would see a thing; from the least to the greatest value nothing is hidden. So are labels, of which there are few.
    """
    if given := voi_lut(attributes, frame, signed=lambda: visible.signed, floating=visible.floating):
        return given
    labels = attributes.text(SEGMENTATION_TYPE) == "LABELMAP"
    of_a_table = isinstance(visible.modality, LookupTable)
    if visible.floating or labels or of_a_table or pixels.bits_stored > _DISPLAY_BITS:
        return spread_over(*visible.range)
    least, greatest = range_of(pixels)
    greatest = attributes.integer(MAXIMUM_FRACTIONAL_VALUE) or greatest
    return spread_over(*visible.modality.range_of(np.array((least, greatest))))
