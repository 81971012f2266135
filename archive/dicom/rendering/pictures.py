"""From a frame to the bytes of an image: shown, scaled, in its colors, written on, encoded (PS3.18 Section 8.3.5.1)."""

from dataclasses import dataclass, replace

import numpy as np

from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering import encoders, icc
from archive.dicom.rendering.annotation_lines import patient_lines, technique_lines
from archive.dicom.rendering.annotations import annotated
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.encoders import DEFAULT_QUALITY
from archive.dicom.rendering.frames import render
from archive.dicom.rendering.pixel_aspect import pixel_aspect
from archive.dicom.rendering.rasters import Raster, fitted
from archive.dicom.rendering.viewport import WHOLE, Viewport, placed
from archive.dicom.rendering.voi_lut import Window
from archive.dicom.runner import Runner, directly

JPEG = "image/jpeg"

#: Goes up whenever the same object is shown otherwise than before: what clients and the archive keep is out of date.
VERSION = 2


def version(sha256: str) -> str:
    """Tells pictures of an object with this digest, as they are made now, from all others at the same place."""
    return f"{VERSION}-{sha256[:16]}"


#: Samples of an image; larger ones are encoded elsewhere.
_LARGE = 1 << 23

#: What an image can be asked to have on it: the keywords of PS3.18 Section 8.3.5.1.1, and one of the archive's own.
PATIENT, TECHNIQUE, OVERLAYS = ANNOTATIONS = ("patient", "technique", "overlays")


@dataclass(frozen=True, slots=True)
class Form:
    """How an image is asked for: what tells one rendering of a frame from another.

    Args:
        annotation: some of `ANNOTATIONS`.
        icc_profile: as the `iccprofile` parameter has it (PS3.18 Section 8.3.5.1.5).
    """

    media_type: str = JPEG
    viewport: Viewport = WHOLE
    window: Window | None = None
    quality: int | None = None
    annotation: tuple[str, ...] = ()
    icc_profile: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a frame, and the profile of its colors where they are not sRGB."""

    raster: Raster
    profile: bytes | None = None


def seen(
    frame: bytes, pixels: PixelDescription, attributes: Attributes, number: int, form: Form, run: Runner = directly
) -> Seen:
    """A native frame as it is asked for.

    Args:
        run: as that of `finished`.

    Raises:
        NotRenderable, MalformedPixelData, NoCodec: as `frames.render`.
        UnusableViewport: as `viewport.placed`.
    """
    aspect = pixel_aspect(attributes, number)
    placement = placed(form.viewport, columns=pixels.columns, rows=pixels.rows, pixel_aspect=aspect)
    image = render(frame, pixels, attributes, number, form.window, overlays=OVERLAYS in form.annotation)
    return finished(fitted(image, placement), attributes, number, form, run)


def finished(raster: Raster, attributes: Attributes, number: int, form: Form, run: Runner = directly) -> Seen:
    """What is shown of a frame, in the colors that are asked for, and written on.

    Args:
        run: how what works with an ICC profile is called, which who stored the object has chosen.
    """
    shown, profile = Seen(raster), icc.profile_of(attributes, number)
    if profile or form.icc_profile:
        shown = Seen(*icc.convert_by(run, raster, profile, form.icc_profile))
    lines = annotation_lines(attributes, number, form)
    return replace(shown, raster=annotated(shown.raster, **lines)) if lines else shown


def annotation_lines(attributes: Attributes, number: int, form: Form) -> dict[str, list[str]]:
    """What is to be written on an image, by what it is about."""
    lines = {}
    if PATIENT in form.annotation:
        lines[PATIENT] = patient_lines(attributes)
    if TECHNIQUE in form.annotation:
        lines[TECHNIQUE] = technique_lines(attributes, number, form.window)
    return lines


def encode(shown: Seen, form: Form, run: Runner = directly) -> bytes:
    """What is seen as an image of the form's media type.

    Args:
        run: how what encodes large images is called. Pillow chooses the colors of a GIF for seconds, in which it
            holds the interpreter's lock.
    """
    quality, raster = form.quality or DEFAULT_QUALITY, shown.raster
    if raster.size > _LARGE:
        return bytes(run(_encode_bytes, raster.tobytes(), raster.shape, form.media_type, quality, shown.profile))
    return encoders.encode(raster, form.media_type, quality=quality, icc_profile=shown.profile)


def _encode_bytes(pixels: bytes, shape: tuple[int, ...], media_type: str, quality: int, profile: bytes | None) -> bytes:
    raster = np.frombuffer(pixels, np.uint8).reshape(shape)
    return encoders.encode(raster, media_type, quality=quality, icc_profile=profile)
