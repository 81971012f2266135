"""Frames between their native form and that of each transfer syntax: PS3.5 Sections 8.1, 8.2 and A.4.

A codestream's header is read before it is decoded: what does not fit the data set is refused while it is still small.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import jpeg, jpeg2000, jpegxl, rle
from archive.dicom.images.pixel_cells import Cells, cells_of, checked, frame_of
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES

_YBR_OF_JPEG = frozenset({"YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420"})
_YBR_OF_JPEG_2000 = frozenset({"YBR_RCT", "YBR_ICT"})

_Decoder = Callable[[bytes, PixelDescription], Cells]
_Encoder = Callable[[Cells, PixelDescription], bytes]


@dataclass(frozen=True, slots=True)
class _Codec:
    """`to_rgb`: the colors whose frames are RGB once they are decoded. `from_rgb`: what RGB is once it is encoded."""

    decode: _Decoder
    encode: _Encoder | None = None
    to_rgb: frozenset[str] = frozenset()
    from_rgb: str = "RGB"


# -- what the others call --------------------------------------------------------


def can_decode(transfer_syntax_uid: str) -> bool:
    """Whether `decode` knows the transfer syntax."""
    return transfer_syntax_uid in _CODECS


def can_encode(transfer_syntax_uid: str) -> bool:
    """Whether `encode` knows the transfer syntax."""
    return transfer_syntax_uid in _CODECS and _CODECS[transfer_syntax_uid].encode is not None


def decode(codestream: bytes, transfer_syntax_uid: str, pixels: PixelDescription) -> bytes:
    """The native frame of a codestream, little endian and color by pixel, as `decoded` describes it.

    Native frames are taken little endian, as the frame index gives those of big-endian objects too.
    """
    return frame_of(_codec(transfer_syntax_uid).decode(codestream, checked(pixels)), pixels)


def decoded(pixels: PixelDescription, transfer_syntax_uid: str) -> PixelDescription:
    """The description of what `decode` gives, known without decoding.

    YCbCr of lossy JPEG and JPEG XL and the transformed colors of JPEG 2000 become RGB. Lossless YBR_FULL stays: to
    change its color space would not be lossless.
    """
    codec, color = _codec(transfer_syntax_uid), pixels.photometric_interpretation
    return _with_color(pixels, "RGB" if color in codec.to_rgb and pixels.samples_per_pixel == 3 else color)


def encode(frame: bytes, transfer_syntax_uid: str, pixels: PixelDescription) -> bytes:
    """The codestream of a native frame, lossless: decoding it gives the same bytes."""
    codec = _codec(transfer_syntax_uid)
    if codec.encode is None:
        raise NoCodec(f"Nothing encodes {_name(transfer_syntax_uid)}.")
    return codec.encode(cells_of(frame, checked(pixels)), pixels)


def encoded(pixels: PixelDescription, transfer_syntax_uid: str) -> PixelDescription:
    """The description of what `encode` gives: JPEG 2000 and HTJ2K make YBR_RCT of RGB."""
    codec, color = _codec(transfer_syntax_uid), pixels.photometric_interpretation
    return _with_color(pixels, codec.from_rgb if color == "RGB" and pixels.samples_per_pixel == 3 else color)


def _codec(transfer_syntax_uid: str) -> _Codec:
    if not can_decode(transfer_syntax_uid):
        raise NoCodec(f"There is no codec for {_name(transfer_syntax_uid)}.")
    return _CODECS[transfer_syntax_uid]


def _name(transfer_syntax_uid: str) -> str:
    syntax = TRANSFER_SYNTAXES.get(transfer_syntax_uid)
    return syntax.name if syntax else f"transfer syntax {transfer_syntax_uid}"


def _with_color(pixels: PixelDescription, color: str) -> PixelDescription:
    """Color by pixel, with all the samples of every pixel."""
    full = "YBR_FULL" if color == "YBR_FULL_422" else color
    return replace(pixels, photometric_interpretation=full, planar_configuration=0)


# -- native ----------------------------------------------------------------------


def _decode_deflated(codestream: bytes, pixels: PixelDescription) -> Cells:
    """PS3.5 Section A.4.13: one raw deflate stream, of which no more is inflated than a frame has."""
    try:
        frame = zlib.decompressobj(-zlib.MAX_WBITS).decompress(codestream, pixels.frame_length)
    except zlib.error as problem:
        raise MalformedPixelData(f"A frame does not inflate: {problem}.") from problem
    return cells_of(frame, pixels)


# -- the table -------------------------------------------------------------------

_NATIVE = _Codec(cells_of)
_DEFLATED = _Codec(_decode_deflated)
_LOSSY_JPEG = _Codec(jpeg.decode_lossy, to_rgb=_YBR_OF_JPEG)
_LOSSLESS_JPEG = _Codec(jpeg.decode_lossless)
_JPEG_LS = _Codec(jpeg.decode_ls)
_JPEG_LS_LOSSLESS = _Codec(jpeg.decode_ls, jpeg.encode_ls)
_JPEG_2000 = _Codec(jpeg2000.decode, to_rgb=_YBR_OF_JPEG_2000)
_JPEG_2000_LOSSLESS = _Codec(jpeg2000.decode, jpeg2000.encode, to_rgb=_YBR_OF_JPEG_2000, from_rgb="YBR_RCT")
_HTJ2K_LOSSLESS = _Codec(jpeg2000.decode, jpeg2000.encode_high_throughput, to_rgb=_YBR_OF_JPEG_2000, from_rgb="YBR_RCT")
_JPEG_XL = _Codec(jpegxl.decode, to_rgb=_YBR_OF_JPEG | _YBR_OF_JPEG_2000 | {"XYB"})
_RLE = _Codec(rle.decode, rle.encode)

#: What decodes and encodes each transfer syntax. Missing, for want of a library: arithmetic and hierarchical JPEG
#: (.52, .54, .56, .58 to .66, all retired), JPEG 2000 Part 2 (.92, .93), and video.
_CODECS: dict[str, _Codec] = {
    f"1.2.840.10008.1.2{suffix}": codec
    for suffixes, codec in (
        (("", ".1", ".1.98", ".1.99", ".2"), _NATIVE),
        ((".8.1",), _DEFLATED),
        ((".4.50", ".4.51", ".4.53", ".4.55"), _LOSSY_JPEG),
        ((".4.57", ".4.70"), _LOSSLESS_JPEG),
        ((".4.80",), _JPEG_LS_LOSSLESS),
        ((".4.81",), _JPEG_LS),
        ((".4.90",), _JPEG_2000_LOSSLESS),
        ((".4.91", ".4.203"), _JPEG_2000),
        ((".4.110", ".4.111", ".4.112"), _JPEG_XL),
        ((".4.201", ".4.202"), _HTJ2K_LOSSLESS),
        ((".5",), _RLE),
    )
    for suffix in suffixes
}
