"""Frames between their native form and that of each transfer syntax: PS3.5 Sections 8.1, 8.2 and A.4.

A codestream's header is read before it is decoded: what does not fit the data set is refused while it is still small.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from archive.dicom import jpeg2000_markers, jpeg_markers, jpegxl_header, rle
from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.pixel_cells import Cells, cells_from, cells_of, checked, frame_of, is_signed, values_of
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES

_YBR_OF_JPEG = frozenset({"YBR_FULL", "YBR_FULL_422"})
_YBR_OF_JPEG_2000 = frozenset({"YBR_RCT", "YBR_ICT"})

#: OpenJPEG computes in 32 bits, of which reversible transforms need some to spare.
_MOST_BITS_OF_JPEG_2000 = 24
_MOST_BITS_OF_HTJ2K = 32

#: The longest code of a sample is four times as long as the sample (LIMIT in ISO/IEC 14495-1 Section A.2.1).
_MOST_OF_JPEG_LS = 4
_HEADERS_OF_JPEG_LS = 1024

#: PS3.5 Section 10.18: HTJ2K for progressive display has a base resolution of at most this many rows and columns.
_BASE_RESOLUTION = 64
_FEWEST_DECOMPOSITIONS = 5

#: Their messages speak of functions, markers and sizes, never of values.
_LIBRARY_ERRORS = (
    imagecodecs.PackbitsError,
    imagecodecs.Jpeg8Error,
    imagecodecs.JpeglsError,
    imagecodecs.Jpeg2kError,
    imagecodecs.Htj2kError,
    imagecodecs.JpegxlError,
    zlib.error,
)

_Decoder = Callable[[bytes, PixelDescription], Cells]
_Encoder = Callable[[Cells, PixelDescription], bytes]


@dataclass(frozen=True, slots=True)
class _Codec:
    """`to_rgb`: the Photometric Interpretations whose frames are RGB once they are decoded."""

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
    codec = _codec(transfer_syntax_uid)
    try:
        return frame_of(codec.decode(codestream, checked(pixels)), pixels)
    except _LIBRARY_ERRORS as problem:
        raise MalformedPixelData(f"A frame is no valid {_name(transfer_syntax_uid)}: {problem}") from problem


def decoded(pixels: PixelDescription, transfer_syntax_uid: str) -> PixelDescription:
    """The description of what `decode` gives, known without decoding."""
    photometric_interpretation = _full(pixels.photometric_interpretation)
    if pixels.samples_per_pixel > 1 and pixels.photometric_interpretation in _codec(transfer_syntax_uid).to_rgb:
        photometric_interpretation = "RGB"
    return replace(pixels, photometric_interpretation=photometric_interpretation, planar_configuration=0)


def encode(frame: bytes, transfer_syntax_uid: str, pixels: PixelDescription) -> bytes:
    """The codestream of a native frame, lossless: decoding it gives the same bytes."""
    codec = _codec(transfer_syntax_uid)
    if codec.encode is None:
        raise NoCodec(f"Nothing encodes {_name(transfer_syntax_uid)}.")
    return codec.encode(cells_of(frame, checked(pixels)), pixels)


def encoded(pixels: PixelDescription, transfer_syntax_uid: str) -> PixelDescription:
    """The description of what `encode` gives."""
    photometric_interpretation = _full(pixels.photometric_interpretation)
    if photometric_interpretation == "RGB":
        photometric_interpretation = _codec(transfer_syntax_uid).from_rgb
    return replace(pixels, photometric_interpretation=photometric_interpretation, planar_configuration=0)


def _codec(transfer_syntax_uid: str) -> _Codec:
    if not can_decode(transfer_syntax_uid):
        raise NoCodec(f"There is no codec for {_name(transfer_syntax_uid)}.")
    return _CODECS[transfer_syntax_uid]


def _name(transfer_syntax_uid: str) -> str:
    syntax = TRANSFER_SYNTAXES.get(transfer_syntax_uid)
    return syntax.name if syntax else f"transfer syntax {transfer_syntax_uid}"


def _full(photometric_interpretation: str) -> str:
    """Every pixel of what is decoded has all its samples."""
    return "YBR_FULL" if photometric_interpretation == "YBR_FULL_422" else photometric_interpretation


# -- native ----------------------------------------------------------------------


def _decode_deflated(codestream: bytes, pixels: PixelDescription) -> Cells:
    """PS3.5 Section A.4.13: one raw deflate stream, of which no more is inflated than a frame has."""
    return cells_of(zlib.decompressobj(-zlib.MAX_WBITS).decompress(codestream, pixels.frame_length), pixels)


# -- JPEG and JPEG-LS ------------------------------------------------------------


def _decode_lossy_jpeg(codestream: bytes, pixels: PixelDescription) -> Cells:
    """Three components become RGB.

    What the codestream says of its colors goes before the Photometric Interpretation (`JpegHeader.ycbcr`): there are
    archives full of YCbCr, in JFIF as it must be, under the name of RGB.
    """
    header = _jpeg_header(codestream, pixels)
    ycbcr = header.ycbcr if header.ycbcr is not None else pixels.photometric_interpretation != "RGB"
    spaces = {1: ("GRAYSCALE", "GRAYSCALE"), 3: ("YCBCR" if ycbcr else "RGB", "RGB"), 4: ("CMYK", "CMYK")}
    return _decode_jpeg(codestream, header, spaces, pixels)


def _decode_lossless_jpeg(codestream: bytes, pixels: PixelDescription) -> Cells:
    """The components as they are: a change of color space would not be lossless."""
    spaces = {1: ("GRAYSCALE", "GRAYSCALE"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK")}
    return _decode_jpeg(codestream, _jpeg_header(codestream, pixels), spaces, pixels)


def _decode_jpeg(
    codestream: bytes, header: jpeg_markers.JpegHeader, spaces: dict[int, tuple[str, str]], pixels: PixelDescription
) -> Cells:
    if header.components not in spaces:
        raise NoCodec(f"There is no codec for JPEG of {header.components} components.")
    space, out = spaces[header.components]
    samples = imagecodecs.jpeg8_decode(codestream, colorspace=space, outcolorspace=out)
    return cells_from(samples, precision=header.precision, signed=False, pixels=pixels)


def _decode_jpeg_ls(codestream: bytes, pixels: PixelDescription) -> Cells:
    header = _jpeg_header(codestream, pixels)
    samples = _by_pixel(imagecodecs.jpegls_decode(codestream), pixels)
    return cells_from(samples, precision=header.precision, signed=False, pixels=pixels)


def _encode_jpeg_ls(cells: Cells, pixels: PixelDescription) -> bytes:
    """The cells as they are, with all their 8 or 16 bits."""
    if pixels.bits_allocated not in (8, 16):
        raise NoCodec(f"JPEG-LS has no form for {pixels.bits_allocated} bits allocated.")
    most = _MOST_OF_JPEG_LS * cells.nbytes + _HEADERS_OF_JPEG_LS
    codestream = bytes(imagecodecs.jpegls_encode(_squeezed(cells), out=most))
    # CharLS puts a SPIFF header in front, which says RGB of every three components and ends in an SOI of its own.
    return codestream[codestream.index(bytes((0xFF, jpeg_markers.SOI)), 2) :]


def _jpeg_header(codestream: bytes, pixels: PixelDescription) -> jpeg_markers.JpegHeader:
    header = jpeg_markers.read_header(codestream)
    _check(header.rows, header.columns, header.components, header.precision, pixels)
    return header


# -- JPEG 2000 and HTJ2K ---------------------------------------------------------


def _decode_jpeg_2000(codestream: bytes, pixels: PixelDescription) -> Cells:
    codestream = jpeg2000_markers.codestream_of(codestream)
    header = jpeg2000_markers.read_header(codestream)
    _check(header.rows, header.columns, header.components, header.precision, pixels)
    if header.high_throughput:
        samples = imagecodecs.htj2k_decode(codestream)
    else:
        samples = imagecodecs.jpeg2k_decode(codestream, numthreads=1)
    return cells_from(_by_pixel(samples, pixels), precision=header.precision, signed=header.signed, pixels=pixels)


def _encode_jpeg_2000(cells: Cells, pixels: PixelDescription) -> bytes:
    """RGB goes through the reversible transform; other colors, such as YBR_FULL, stay as they are."""
    values, bits = values_of(cells, pixels)
    if bits > _MOST_BITS_OF_JPEG_2000:
        raise NoCodec(f"JPEG 2000 is not encoded from pixels of {bits} bits.")
    codestream = imagecodecs.jpeg2k_encode(
        _squeezed(values),
        codecformat="J2K",
        bitspersample=bits,
        level=0,
        reversible=True,
        mct=_transforms(pixels),
        numthreads=1,
    )
    return bytes(codestream)


def _encode_htj2k(cells: Cells, pixels: PixelDescription) -> bytes:
    """In the form of HTJ2K for progressive display (PS3.5 Section 10.18), which is one of plain lossless HTJ2K too.

    OpenJPH as it is bound here takes the precision from the array. Signed values of fewer bits are within its reach,
    and unsigned ones are signed ones before the decoder adds half their range; the header then says which they are.
    """
    values, bits = values_of(cells, pixels)
    if bits > _MOST_BITS_OF_HTJ2K:
        raise NoCodec(f"HTJ2K is not encoded from pixels of {bits} bits.")
    half = 0 if is_signed(pixels) else 1 << bits - 1
    shifted = (values.astype(np.int64) - half).astype(np.int16 if bits <= 16 else np.int32)
    side = max(pixels.rows, pixels.columns)
    codestream = imagecodecs.htj2k_encode(
        _squeezed(shifted),
        reversible=True,
        rgb=_transforms(pixels),
        resolutions=max(_FEWEST_DECOMPOSITIONS, ((side - 1) // _BASE_RESOLUTION).bit_length()),
        tlm=True,
        tilepart=imagecodecs.HTJ2K.TILEPART.RESOLUTIONS,
    )
    return jpeg2000_markers.with_precision(bytes(codestream), bits, signed=is_signed(pixels))


def _transforms(pixels: PixelDescription) -> bool:
    return pixels.samples_per_pixel == 3 and pixels.photometric_interpretation == "RGB"


# -- JPEG XL ---------------------------------------------------------------------


def _decode_jpeg_xl(codestream: bytes, pixels: PixelDescription) -> Cells:
    header = jpegxl_header.read_header(codestream)
    if header.floating or header.extra_channels:
        raise NoCodec("There is no codec for JPEG XL with floating point samples or extra channels.")
    _check(header.rows, header.columns, header.components, header.precision, pixels)
    samples = imagecodecs.jpegxl_decode(codestream, keeporientation=True, numthreads=1)
    return cells_from(samples, precision=header.precision, signed=False, pixels=pixels)


# -- shapes ----------------------------------------------------------------------


def _check(rows: int, columns: int, components: int, precision: int, pixels: PixelDescription) -> None:
    """Refuse a codestream that is not of the shape that the data set says."""
    if (rows, columns, components) != (pixels.rows, pixels.columns, pixels.samples_per_pixel):
        raise MalformedPixelData(
            f"A codestream of {rows} rows, {columns} columns and {components} components is where the data set says "
            f"{pixels.rows}, {pixels.columns} and {pixels.samples_per_pixel}."
        )
    if precision > pixels.bits_allocated:
        raise MalformedPixelData(f"A codestream of {precision} bits is in cells of {pixels.bits_allocated}.")


def _squeezed(samples: NDArray[Any]) -> NDArray[Any]:
    """Gray images have two axes where the libraries are concerned."""
    return (samples[..., 0] if samples.shape[-1] == 1 else samples).copy()


def _by_pixel(samples: NDArray[Any], pixels: PixelDescription) -> NDArray[Any]:
    """Components that were coded one after the other come in planes."""
    planes = (pixels.samples_per_pixel, pixels.rows, pixels.columns)
    return np.moveaxis(samples, 0, -1) if samples.ndim == 3 and samples.shape == planes else samples


# -- the table -------------------------------------------------------------------

_NATIVE = _Codec(cells_of)
_DEFLATED = _Codec(_decode_deflated)
_LOSSY_JPEG = _Codec(_decode_lossy_jpeg, to_rgb=_YBR_OF_JPEG)
_LOSSLESS_JPEG = _Codec(_decode_lossless_jpeg)
_JPEG_LS = _Codec(_decode_jpeg_ls)
_JPEG_LS_LOSSLESS = _Codec(_decode_jpeg_ls, _encode_jpeg_ls)
_JPEG_2000 = _Codec(_decode_jpeg_2000, to_rgb=_YBR_OF_JPEG_2000)
_JPEG_2000_LOSSLESS = _Codec(_decode_jpeg_2000, _encode_jpeg_2000, to_rgb=_YBR_OF_JPEG_2000, from_rgb="YBR_RCT")
_HTJ2K_LOSSLESS = _Codec(_decode_jpeg_2000, _encode_htj2k, to_rgb=_YBR_OF_JPEG_2000, from_rgb="YBR_RCT")
_JPEG_XL = _Codec(_decode_jpeg_xl, to_rgb=_YBR_OF_JPEG | _YBR_OF_JPEG_2000 | {"XYB"})
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
