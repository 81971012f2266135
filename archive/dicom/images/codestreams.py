"""What compressed images and video say of themselves, for data sets that come without it: PS3.18 Section 10.5.2."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import jpeg2000_markers, jpeg_markers, jpegxl_header, raster_images, video_headers
from archive.dicom.images.pixel_cells import LONGEST_SIDE
from archive.dicom.pixel_description import PixelDescription


def describe(data: bytes, media_type: str) -> PixelDescription:
    """The Image Pixel attributes of an image or video, as PS3.5 Section 8.2 wants them beside it.

    What `to_native` changes is described as it will be.
    """
    return _kind(media_type).describe(data)


def transfer_syntax_of(data: bytes, media_type: str) -> str | None:
    """The transfer syntax that the bytes are in, as far as they say; None when they say none that there is.

    JPEG 2000 is taken for lossless by its reversible transforms: that no bits were left out, it does not say.
    """
    suffix = _kind(media_type).transfer_syntax(data)
    return f"1.2.840.10008.1.2.4.{suffix}" if suffix else None


def to_native(data: bytes, media_type: str) -> tuple[list[bytes], PixelDescription]:
    """The frames of a PNG or GIF image and their description: RGB for a palette, and no alpha channel."""
    kind = _kind(media_type)
    if kind.native is None:
        raise NoCodec(f"{media_type} is stored as it is.")
    return kind.native(data), kind.describe(data)


def encapsulated(data: bytes, media_type: str) -> bytes:
    """The bytes to encapsulate: JPEG 2000 leaves its file format behind (PS3.5 Section A.4.4)."""
    return jpeg2000_markers.codestream_of(data) if _kind(media_type) is _JPEG_2000 else data


# -- each kind -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    """`transfer_syntax` gives the end of the UID."""

    describe: Callable[[bytes], PixelDescription]
    transfer_syntax: Callable[[bytes], str | None] = lambda data: None
    native: Callable[[bytes], list[bytes]] | None = None


def _kind(media_type: str) -> _Kind:
    kind = _KINDS.get(media_type.partition(";")[0].strip().lower())
    if kind is None:
        raise NoCodec(f"{media_type} does not describe its own pixels.")
    return kind


def _description(
    rows: int, columns: int, samples: int, color: str, bits: int, *, signed: bool = False
) -> PixelDescription:
    if not (1 <= rows <= LONGEST_SIDE and 1 <= columns <= LONGEST_SIDE):
        raise MalformedPixelData(f"Rows and Columns cannot be {rows} and {columns}.")
    if samples not in (1, 3):
        raise NoCodec(f"There is no Photometric Interpretation for an image of {samples} components.")
    allocated = next((size for size in (8, 16, 32) if bits <= size), None)
    if allocated is None:
        raise NoCodec(f"There are no Bits Allocated for samples of {bits} bits.")
    return PixelDescription(
        rows=rows,
        columns=columns,
        samples_per_pixel=samples,
        photometric_interpretation=color if samples == 3 else "MONOCHROME2",
        bits_allocated=allocated,
        bits_stored=bits,
        high_bit=bits - 1,
        pixel_representation=int(signed),
    )


def _describe_jpeg(data: bytes) -> PixelDescription:
    """PS3.5 Section 8.2.1. Three components that do not say what they are are YCbCr when they are lossy, as ever."""
    header = jpeg_markers.read_header(data)
    if header.process == jpeg_markers.SOF55:
        raise MalformedPixelData("A JPEG-LS codestream is no JPEG.")
    if header.process == jpeg_markers.SOF3:
        color = "YBR_FULL" if header.ycbcr else "RGB"
    else:
        color = "RGB" if header.ycbcr is False else "YBR_FULL_422"
    return _description(header.rows, header.columns, header.components, color, header.precision)


def _jpeg_syntax(data: bytes) -> str | None:
    header = jpeg_markers.read_header(data)
    if header.process == jpeg_markers.SOF3:
        return "70" if header.selection == 1 else "57"
    return {jpeg_markers.SOF0: "50", jpeg_markers.SOF1: "51", jpeg_markers.SOF2: "55"}.get(header.process)


def _describe_jpeg_ls(data: bytes) -> PixelDescription:
    """PS3.5 Section 8.2.3."""
    header = jpeg_markers.read_header(data)
    if header.process != jpeg_markers.SOF55:
        raise MalformedPixelData("A JPEG codestream is no JPEG-LS.")
    return _description(header.rows, header.columns, header.components, "RGB", header.precision)


def _jpeg_ls_syntax(data: bytes) -> str | None:
    header = jpeg_markers.read_header(data)
    if header.process != jpeg_markers.SOF55:
        return None
    return "81" if header.selection else "80"


def _describe_jpeg_2000(data: bytes) -> PixelDescription:
    """PS3.5 Section 8.2.4 and, for HTJ2K, 8.2.14: the color transform is part of the Photometric Interpretation."""
    if jpeg2000_markers.has_palette(data):
        raise NoCodec("A JP2 file with a palette cannot be stored as it is.")
    header = _jpeg_2000_header(data)
    color = "RGB"
    if header.transform:
        color = "YBR_RCT" if header.reversible else "YBR_ICT"
    return _description(header.rows, header.columns, header.components, color, header.precision, signed=header.signed)


def _jpeg_2000_syntax(data: bytes) -> str | None:
    header = _jpeg_2000_header(data)
    if header.high_throughput:
        return ("202" if header.progressive else "201") if header.reversible else "203"
    if header.extended:
        return "92" if header.reversible else "93"
    return "90" if header.reversible else "91"


def _jpeg_2000_header(data: bytes) -> jpeg2000_markers.Jpeg2000Header:
    return jpeg2000_markers.read_header(jpeg2000_markers.codestream_of(data))


def _describe_jpeg_xl(data: bytes) -> PixelDescription:
    """PS3.5 Section 8.2.15. What was a JPEG keeps its Photometric Interpretation."""
    header = jpegxl_header.read_header(data)
    if header.floating or header.extra_channels:
        raise NoCodec("JPEG XL with floating point samples or extra channels has no Photometric Interpretation.")
    color = "YBR_FULL_422" if header.from_jpeg else "XYB" if header.xyb else "RGB"
    return _description(header.rows, header.columns, header.components, color, header.precision)


def _jpeg_xl_syntax(data: bytes) -> str | None:
    """Whether what is neither XYB nor a JPEG is lossless, its header does not say."""
    header = jpegxl_header.read_header(data)
    return "111" if header.from_jpeg else "112" if header.xyb else None


def _describe_video(read: Callable[[bytes], video_headers.VideoHeader], data: bytes) -> PixelDescription:
    """PS3.5 Section 8.2.5 and those after it: all in YBR_PARTIAL_420."""
    header = read(data)
    return _description(header.rows, header.columns, 3, "YBR_PARTIAL_420", header.bits)


#: Coding, profiles, levels as each coding counts them, and the end of the transfer syntax's UID. Decoders of the High
#: Profile of H.264 decode its Main Profile too.
_VIDEO_SYNTAXES = (
    ("MPEG-2", (4, 5), (8, 10), "100"),
    ("MPEG-2", (4, 5), (4, 6), "101"),
    ("H.264", (77, 100), range(42), "102"),
    ("H.264", (77, 100), (42,), "104"),
    ("H.265", (1,), range(154), "107"),
    ("H.265", (2,), range(154), "108"),
)


def _video_syntax(read: Callable[[bytes], video_headers.VideoHeader], data: bytes) -> str | None:
    header = read(data)
    for coding, profiles, levels, suffix in _VIDEO_SYNTAXES:
        if coding == header.coding and header.profile in profiles and header.level in levels:
            return suffix
    return None


def _video(read: Callable[[bytes], video_headers.VideoHeader]) -> _Kind:
    return _Kind(partial(_describe_video, read), partial(_video_syntax, read))


_JPEG_2000 = _Kind(_describe_jpeg_2000, _jpeg_2000_syntax)
_MPEG_2, _MP4 = _video(video_headers.read_mpeg2), _video(video_headers.read_mp4)

#: PS3.18 Table 10.5.2-1 and the media types of PS3.18 Table 8.7.3-5, the older names too.
_KINDS = {
    "image/jpeg": _Kind(_describe_jpeg, _jpeg_syntax),
    "image/jls": _Kind(_describe_jpeg_ls, _jpeg_ls_syntax),
    "image/x-jls": _Kind(_describe_jpeg_ls, _jpeg_ls_syntax),
    "image/jp2": _JPEG_2000,
    "image/jpx": _JPEG_2000,
    "image/jph": _JPEG_2000,
    "image/jphc": _JPEG_2000,
    "image/jxl": _Kind(_describe_jpeg_xl, _jpeg_xl_syntax),
    "image/png": _Kind(raster_images.describe_png, native=raster_images.native_png),
    "image/gif": _Kind(raster_images.describe_gif, native=raster_images.native_gif),
    "video/mpeg": _MPEG_2,
    "video/mpeg2": _MPEG_2,
    "video/mp4": _MP4,
    "video/h265": _MP4,
}
