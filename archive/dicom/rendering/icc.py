"""Colors as they are meant: ICC profiles of images, and of what is rendered (PS3.3 Section C.11.15, PS3.18 Section
8.3.5.1.5).
"""

from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.functional_groups import OPTICAL_PATH_IDENTIFICATION, macro
from archive.dicom.rendering.rasters import Raster
from archive.dicom.rendering.rgb_profiles import ADOBE_RGB, ROMM_RGB, SRGB
from archive.dicom.runner import Runner

ICC_PROFILE, COLOR_SPACE = "00282000", "00282002"
OPTICAL_PATHS, OPTICAL_PATH_IDENTIFIER = "00480105", "00480106"

#: Those of scanners have up to a megabyte or two; JPEG has room for 16.
LARGEST_PROFILE = 1 << 23

#: Pairs of profiles of which a process knows how to come from one to the other: to work that out takes tens of
#: milliseconds.
_KEPT = 8

#: PS3.3 Section C.11.15.1.2: the spaces that may be named without a profile.
_NAMED = {"SRGB": SRGB, "ADOBERGB": ADOBE_RGB, "ROMMRGB": ROMM_RGB}
_OWN = "yes"
_WANTED = {"srgb": SRGB, "adobergb": ADOBE_RGB, "rommrgb": ROMM_RGB}

#: ISO 15076-1 Section 7.2: where a header says what it is a profile of, and to which space it leads.
_CLASS, _SPACE, _CONNECTION, _SIGNATURE = slice(12, 16), slice(16, 20), slice(20, 24), slice(36, 40)
_CLASSES, _CONNECTIONS = (b"scnr", b"mntr", b"prtr", b"spac"), (b"XYZ ", b"Lab ")


def profile_of(attributes: Attributes, number: int = 1) -> bytes | None:
    """The profile of the colors of a frame, counted from 1; None when the data set says nothing of them.

    A whole slide image has one for each optical path. What it says in the data set itself goes before.
    """
    described = attributes if ICC_PROFILE in attributes else _optical_path(attributes, number) or attributes
    return described.field(ICC_PROFILE) or _NAMED.get(described.text(COLOR_SPACE))


def convert(raster: Raster, profile: bytes | None, wanted: str | None) -> tuple[Raster, bytes | None]:
    """Pixels in the colors that are wanted, and the profile to embed.

    Without a profile in it an image is sRGB: its colors become that, unless their profile is embedded (`yes`). Grays
    have no profile of their own; where one is wanted, they become RGB, for which alone there are the wanted ones.

    Args:
        profile: of the raster. Without one, or with one that is of no use, colors are sRGB.
        wanted: as PS3.18 has it: no (as None), yes, srgb, adobergb or rommrgb.
    """
    embedded = wanted == _OWN or wanted in _WANTED
    if raster.ndim == 2:
        if not embedded:
            return raster, None
        raster, profile = np.repeat(raster[..., np.newaxis], 3, axis=-1), None
    source = profile if profile is not None and _transform(profile, SRGB) else SRGB
    target = source if wanted == _OWN else _WANTED.get(wanted or "", SRGB)
    return _converted(raster, source, target), target if embedded else None


def convert_by(run: Runner, raster: Raster, profile: bytes | None, wanted: str | None) -> tuple[Raster, bytes | None]:
    """As `convert`, where `run` says."""
    pixels, shape, embedded = run(_convert_bytes, raster.tobytes(), raster.shape, profile, wanted)
    return np.frombuffer(pixels, np.uint8).reshape(shape), embedded


def _convert_bytes(
    pixels: bytes, shape: tuple[int, ...], profile: bytes | None, wanted: str | None
) -> tuple[bytes, tuple[int, ...], bytes | None]:
    raster, embedded = convert(np.frombuffer(pixels, np.uint8).reshape(shape), profile, wanted)
    return raster.tobytes(), raster.shape, embedded


def _optical_path(attributes: Attributes, number: int) -> Attributes | None:
    """The one that the frame names, or the first."""
    named = macro(attributes, OPTICAL_PATH_IDENTIFICATION, number).text(OPTICAL_PATH_IDENTIFIER)
    return attributes.found(OPTICAL_PATHS, OPTICAL_PATH_IDENTIFIER, named) or attributes.item(OPTICAL_PATHS)


def _converted(raster: Raster, source: bytes, target: bytes) -> Raster:
    if source == target:
        return raster
    transform = _transform(source, target)
    return raster if transform is None or _is_same(source, target) else _applied(raster, transform)


def _applied(raster: Raster, transform: ImageCms.ImageCmsTransform) -> Raster:
    return np.asarray(ImageCms.applyTransform(Image.fromarray(raster), transform))


@lru_cache(maxsize=_KEPT)
def _is_same(source: bytes, target: bytes) -> bool:
    """Whether colors all over the cube come out as they go in: many profiles of scanners are those of sRGB."""
    transform, steps = _transform(source, target), np.linspace(0, 255, 18).astype(np.uint8)
    colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(len(steps), -1, 3)
    return transform is None or np.array_equal(_applied(colors, transform), colors)


@lru_cache(maxsize=_KEPT)
def _transform(source: bytes, target: bytes) -> ImageCms.ImageCmsTransform | None:
    """With the rendering intent that the source asks for; None when it is no profile of RGB, or is broken."""
    if not _is_rgb(source):
        return None
    try:
        given, made = (ImageCms.ImageCmsProfile(BytesIO(profile)) for profile in (source, target))
        intent = ImageCms.Intent(ImageCms.getDefaultIntent(given))
        return ImageCms.buildTransform(given, made, "RGB", "RGB", intent)
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


def _is_rgb(profile: bytes) -> bool:
    """As far as its header says; LittleCMS would read any number of channels into three."""
    return (
        len(profile) <= LARGEST_PROFILE
        and profile[_SIGNATURE] == b"acsp"
        and profile[_CLASS] in _CLASSES
        and profile[_SPACE] == b"RGB "
        and profile[_CONNECTION] in _CONNECTIONS
    )
