"""How tall the pixels of an image or video are for their width, as its own headers say: Pixel Aspect Ratio (0028,0034).

Headers that make no sense say nothing.
"""

from collections.abc import Callable
from fractions import Fraction
from struct import Struct
from typing import Any

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import jpeg_markers, raster_images, video_headers
from archive.dicom.images.boxes import boxes_at

#: PS3.5 Table 6.2-1: what an integer string can hold.
LARGEST_IS = 2**31 - 1

_JFIF = Struct(">5s2xBHH")
_PNG_CHUNK, _PHYS = Struct(">I4s"), Struct(">II")
_GIF_ASPECT = 12
#: Vertical and horizontal capture resolution: numerators, denominators, exponents of ten.
_RESOLUTION = Struct(">HHHHbb")
_RESOLUTIONS = ((b"jp2h", b"res ", b"resc"), (b"jp2h", b"res ", b"resd"))


def pixel_aspect_ratio(data: bytes, media_type: str) -> tuple[int, int] | None:
    """The vertical and the horizontal size of a pixel, in lowest terms; None when equal, or not said."""
    read = _READERS.get(media_type)
    try:
        ratio = read(data) if read else None
    except (MalformedPixelData, NoCodec, ZeroDivisionError):
        return None
    if not ratio or ratio == 1 or max(ratio.numerator, ratio.denominator) > LARGEST_IS:
        return None
    return ratio.numerator, ratio.denominator


def _of_jpeg(data: bytes) -> Fraction | None:
    """JFIF counts pixels for a length, or gives the ratio alone, in the same two fields."""
    for marker, segment, _ in jpeg_markers.segments(data):
        if marker == jpeg_markers.APP0 and segment.startswith(b"JFIF\0") and len(segment) >= _JFIF.size:
            _, _, across, down = _JFIF.unpack_from(segment)
            return Fraction(across, down)
    return None


def _of_png(data: bytes) -> Fraction | None:
    """The chunk pHYs, before the samples: pixels for a unit across and down."""
    position = len(raster_images.PNG_START)
    while position + _PNG_CHUNK.size <= len(data):
        length, kind = _PNG_CHUNK.unpack_from(data, position)
        content = position + _PNG_CHUNK.size
        if kind == b"pHYs" and content + _PHYS.size <= len(data):
            return Fraction(*_PHYS.unpack_from(data, content))
        if kind == b"IDAT":
            return None
        position = content + length + 4
    return None


def _of_gif(data: bytes) -> Fraction | None:
    """Width for height, in 64ths from 15 on; 0 says nothing."""
    aspect = data[_GIF_ASPECT] if len(data) > _GIF_ASPECT else 0
    return Fraction(64, aspect + 15) if aspect else None


def _of_jp2(data: bytes) -> Fraction | None:
    """Pixels for a metre, as captured or else as they are to be displayed (ISO/IEC 15444-1 Section I.5.3.7)."""
    for path in _RESOLUTIONS:
        for start, stop in boxes_at(data, path):
            if stop - start >= _RESOLUTION.size:
                n_down, d_down, n_across, d_across, e_down, e_across = _RESOLUTION.unpack_from(data, start)
                ratio = Fraction(n_across * d_down, d_across * n_down)
                return ratio * Fraction(f"1e{e_across - e_down}")
    return None


def _of_video(read: Callable[[bytes], video_headers.VideoHeader]) -> Callable[[bytes], Fraction | None]:
    return lambda data: read(data).pixel_aspect_ratio


_READERS: dict[str, Callable[[bytes], Any]] = {
    "image/jpeg": _of_jpeg,
    "image/png": _of_png,
    "image/gif": _of_gif,
    "image/jp2": _of_jp2,
    "image/jpx": _of_jp2,
    "image/jphc": _of_jp2,
    "video/mpeg": _of_video(video_headers.read_mpeg2),
    "video/mp4": _of_video(video_headers.read_mp4),
    "video/h265": _of_video(video_headers.read_mp4),
}
