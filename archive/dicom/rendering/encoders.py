"""Rasters as images of the rendered media types (PS3.18 Table 8.7.4-1): at most 8 bits a channel (WADO-87).

Pillow writes them: JPEG as quickly as imagecodecs does, and ICC profiles too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from archive.dicom.errors import NoCodec
from archive.dicom.rendering import gif
from archive.dicom.rendering.rasters import Raster

#: Of the lossy types, where the client names none. 99 in 100 real images have 40 dB or more as JPEG; at 90, it is 88.
DEFAULT_QUALITY = 95


@dataclass(frozen=True, slots=True)
class _Encoder:
    """`options`: what Pillow is told, by the quality that is wanted. `longest_side`: of the format or its library."""

    format: str
    longest_side: int
    options: Callable[[int], dict[str, Any]]


#: Colors of JPEG are not subsampled: half of the resolution of a thin red line is lost otherwise. PNG and WebP are
#: made quickly rather than small: a server sends them once.
_ENCODERS = {
    "image/jpeg": _Encoder("JPEG", 65500, lambda quality: {"quality": quality, "subsampling": 0}),
    "image/png": _Encoder("PNG", 0x7FFFFFFF, lambda _: {"compress_level": 1}),
    "image/webp": _Encoder("WEBP", 16383, lambda quality: {"quality": quality, "method": 0}),
}
_GIF = "image/gif"
MEDIA_TYPES = (*_ENCODERS, _GIF)


def can_embed_profile(media_type: str) -> bool:
    """Whether an ICC profile can be within an image of the type (WADO-96)."""
    return media_type in _ENCODERS


def encode(
    raster: Raster, media_type: str, *, quality: int = DEFAULT_QUALITY, icc_profile: bytes | None = None
) -> bytes:
    """One image of a media type.

    Args:
        quality: 1 to 100, of lossy types; the others are as they are.
        icc_profile: embedded where the type can have one.

    Raises:
        NoCodec: nothing encodes the type, or it cannot be as large.
    """
    if media_type == _GIF:
        return gif.still(raster)
    encoder = _ENCODERS.get(media_type)
    if encoder is None:
        raise NoCodec("Nothing renders images of this media type.")
    if max(raster.shape[:2]) > encoder.longest_side:
        raise NoCodec(f"{encoder.format} images have no more than {encoder.longest_side} rows or columns.")
    file = BytesIO()
    Image.fromarray(raster).save(file, encoder.format, icc_profile=icc_profile, **encoder.options(quality))
    return file.getvalue()
