"""A frame as it is shown: 8-bit gray or RGB (PS3.18 Section 8.3.5)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.images.pixel_cells import Cells, cells_of, checked, is_signed
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.color import COLOR_SPACES, to_rgb
from archive.dicom.rendering.grayscale import contrast_window, grayscale, shown_window
from archive.dicom.rendering.overlay_planes import with_overlays
from archive.dicom.rendering.palette_color_lut import PaletteColorLut
from archive.dicom.rendering.pixel_padding import padded
from archive.dicom.rendering.stored_values import by_value, integers, stored_values
from archive.dicom.rendering.supplemental_palette import supplemental_palette
from archive.dicom.rendering.voi_lut import Window
from archive.dicom.rendering.words import one_line

_MONOCHROME = frozenset({"MONOCHROME1", "MONOCHROME2"})
_PALETTE_COLOR = "PALETTE COLOR"
#: PS3.5 Table 6.2-1.
_LONGEST_CS = 16


def render(
    frame: bytes,
    pixels: PixelDescription,
    attributes: Attributes,
    number: int = 1,
    window: Window | None = None,
    *,
    overlays: bool = False,
) -> NDArray[np.uint8]:
    """A native frame in the shape (rows, columns), or (rows, columns, 3) for RGB.

    Args:
        frame: as `codecs.decode` gives it, or as it is stored in a native transfer syntax, little endian.
        pixels: what describes that frame (`codecs.decoded`).
        attributes: of the data set.
        number: the frame's, from 1.
        window: of grays, before those of the data set.
        overlays: whether its own are drawn over it, in white.

    Raises:
        NotRenderable: the pixels are of a kind that is not shown, or what describes them does not fit together.
        MalformedPixelData, NoCodec: the frame is not as its description says, or too large.
    """
    cells = renderable_cells(frame, pixels)
    with np.errstate(over="ignore", invalid="ignore"):
        image = _image(cells, pixels, attributes, number, window)
    return with_overlays(image, cells, attributes, number) if overlays else image


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of one frame.

    Args:
        shown: by which it is shown when nothing else is asked for.
        contrast: which its pixels suggest.
    """

    shown: Window
    contrast: Window


def windows(frame: bytes, pixels: PixelDescription, attributes: Attributes, number: int = 1) -> Windows:
    """The windows of a native frame. Arguments and errors as those of `render`.

    Raises:
        NotRenderable: it has none, being in color, or nothing but padding.
    """
    cells = renderable_cells(frame, pixels)
    if pixels.photometric_interpretation not in _MONOCHROME:
        raise NotRenderable("Pixels in color have no window.")
    values = stored_values(cells, pixels, attributes)[..., 0]
    with np.errstate(over="ignore", invalid="ignore"):
        return Windows(
            shown_window(values, pixels, attributes, number), contrast_window(values, pixels, attributes, number)
        )


def renderable_cells(frame: bytes, pixels: PixelDescription) -> Cells:
    """The cells of a frame that there is a way to show; errors as those of `render`."""
    check_renderable(pixels)
    return cells_of(frame, checked(_named_as_sampled(pixels)))


def check_renderable(pixels: PixelDescription) -> None:
    """See that there is a way to show such pixels.

    Raises:
        NotRenderable: there is none.
    """
    color, samples = pixels.photometric_interpretation, pixels.samples_per_pixel
    if color in _MONOCHROME or color == _PALETTE_COLOR:
        expected = 1
    elif color in COLOR_SPACES:
        expected = 3
    else:
        raise NotRenderable(f"Pixels of Photometric Interpretation {one_line(color[:_LONGEST_CS])} are not rendered.")
    if samples != expected:
        raise NotRenderable(f"{color} has {expected} samples per pixel, not {samples}.")


def _named_as_sampled(pixels: PixelDescription) -> PixelDescription:
    """YBR_PARTIAL_422, which is retired, has its samples as YBR_FULL_422 has them."""
    if pixels.photometric_interpretation == "YBR_PARTIAL_422":
        return replace(pixels, photometric_interpretation="YBR_FULL_422")
    return pixels


def _image(
    cells: Cells, pixels: PixelDescription, attributes: Attributes, number: int, window: Window | None
) -> NDArray[np.uint8]:
    color = pixels.photometric_interpretation
    if color in _MONOCHROME:
        return _monochrome(stored_values(cells, pixels, attributes)[..., 0], pixels, attributes, number, window)
    if color == _PALETTE_COLOR:
        signed = is_signed(pixels)
        palette = PaletteColorLut.of(attributes, signed=signed)
        return by_value(integers(cells, pixels, signed=signed)[..., 0], palette.apply)
    # PS3.3 Section C.7.6.3.1.2: samples of colors are never negative.
    return to_rgb(integers(cells, pixels, signed=False), color, pixels.bits_stored)


def _monochrome(
    values: NDArray[Any], pixels: PixelDescription, attributes: Attributes, number: int, window: Window | None
) -> NDArray[np.uint8]:
    """Gray, or RGB where some values have colors."""

    def gray(values: NDArray[Any]) -> NDArray[np.uint8]:
        return grayscale(values, pixels, attributes, number, window)

    palette = supplemental_palette(attributes, pixels, number, signed=values.dtype.kind == "i")
    if palette is None:
        return gray(values)
    return palette.apply(values, padded(values, attributes, pixels.bits_allocated), gray)
