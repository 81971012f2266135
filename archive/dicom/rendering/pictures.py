"""From a frame to the bytes of an image: shown, cut and scaled, written on, encoded (PS3.18 Section 8.3.5.1)."""

from dataclasses import dataclass

from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering import encoders
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.encoders import DEFAULT_QUALITY
from archive.dicom.rendering.frames import Appearance, render
from archive.dicom.rendering.rasters import Raster, fitted
from archive.dicom.rendering.viewport import WHOLE, Viewport, placed
from archive.dicom.rendering.voi_lut import Window

JPEG = "image/jpeg"

#: Goes up whenever the same object is shown otherwise than before: what clients and the archive keep is out of date.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Form:
    """How an image is asked for: what tells one rendering of a frame from another.

    Args:
        annotation: of `patient` and `technique`.
        icc_profile: as the `iccprofile` parameter has it (PS3.18 Section 8.3.5.1.5).
    """

    media_type: str = JPEG
    viewport: Viewport = WHOLE
    window: Window | None = None
    quality: int | None = None
    annotation: tuple[str, ...] = ()
    icc_profile: str | None = None


def raster(frame: bytes, pixels: PixelDescription, attributes: Attributes, number: int, form: Form) -> Raster:
    """A native frame as it is asked for.

    Raises:
        NotRenderable, MalformedPixelData, NoCodec: as `frames.render`.
        UnusableViewport: as `viewport.placed`.
    """
    placement = placed(form.viewport, columns=pixels.columns, rows=pixels.rows)
    return fitted(render(frame, pixels, attributes, number, Appearance(form.window)), placement)


def encode(shown: Raster, form: Form) -> bytes:
    """The raster as an image of the form's media type."""
    return encoders.encode(shown, form.media_type, quality=form.quality or DEFAULT_QUALITY)
