"""JPEG and JPEG-LS frames: PS3.5 Sections 8.2.1 and 8.2.3."""

import imagecodecs

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import jpeg_markers
from archive.dicom.images.pixel_cells import Cells, cells_from, check_shape, samples_of, squeezed
from archive.dicom.pixel_description import PixelDescription

#: The longest code of a sample is four times as long as the sample (LIMIT in ISO/IEC 14495-1 Section A.2.1).
_MOST_OF_JPEG_LS = 4
_HEADERS_OF_JPEG_LS = 1024

#: Each scan of a progressive codestream goes over the whole frame again, and may itself be of a few bytes. Encoders
#: make a dozen.
MOST_SCANS = 64
_SCAN = bytes((0xFF, jpeg_markers.SOS))


def decode_lossy(codestream: bytes, pixels: PixelDescription) -> Cells:
    """Three components become RGB.

    What the codestream says of its colors goes before the Photometric Interpretation (`JpegHeader.ycbcr`): there are
    archives full of YCbCr, in JFIF as it must be, under the name of RGB.
    """
    header = _header(codestream, pixels)
    ycbcr = header.ycbcr if header.ycbcr is not None else pixels.photometric_interpretation != "RGB"
    spaces = {1: ("GRAYSCALE", "GRAYSCALE"), 3: ("YCBCR" if ycbcr else "RGB", "RGB"), 4: ("CMYK", "CMYK")}
    return _decode(codestream, header, spaces, pixels)


def decode_lossless(codestream: bytes, pixels: PixelDescription) -> Cells:
    """The components as they are: a change of color space would not be lossless."""
    spaces = {1: ("GRAYSCALE", "GRAYSCALE"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK")}
    return _decode(codestream, _header(codestream, pixels), spaces, pixels)


def _decode(
    codestream: bytes, header: jpeg_markers.JpegHeader, spaces: dict[int, tuple[str, str]], pixels: PixelDescription
) -> Cells:
    if header.components not in spaces:
        raise NoCodec(f"There is no codec for JPEG of {header.components} components.")
    space, out = spaces[header.components]
    samples = samples_of(imagecodecs.jpeg8_decode, codestream, colorspace=space, outcolorspace=out)
    return cells_from(samples, precision=header.precision, signed=False, pixels=pixels)


def decode_ls(codestream: bytes, pixels: PixelDescription) -> Cells:
    """JPEG-LS, lossless or near-lossless."""
    header = _header(codestream, pixels)
    samples = samples_of(imagecodecs.jpegls_decode, codestream)
    return cells_from(samples, precision=header.precision, signed=False, pixels=pixels)


def encode_ls(cells: Cells, pixels: PixelDescription) -> bytes:
    """The cells as they are, with all their 8 or 16 bits."""
    if pixels.bits_allocated not in (8, 16):
        raise NoCodec(f"JPEG-LS has no form for {pixels.bits_allocated} bits allocated.")
    most = _MOST_OF_JPEG_LS * cells.nbytes + _HEADERS_OF_JPEG_LS
    codestream = bytes(imagecodecs.jpegls_encode(squeezed(cells), out=most))
    # CharLS puts a SPIFF header in front, which says RGB of every three components and ends in an SOI of its own.
    return codestream[codestream.index(bytes((0xFF, jpeg_markers.SOI)), 2) :]


def _header(codestream: bytes, pixels: PixelDescription) -> jpeg_markers.JpegHeader:
    header = jpeg_markers.read_header(codestream)
    check_shape(header.rows, header.columns, header.components, header.precision, pixels)
    if not header.ended:
        # libjpeg would fill up with gray and say nothing, CharLS count for seconds the bits that are not there.
        raise MalformedPixelData("A JPEG codestream has no end (EOI).")
    if codestream.count(_SCAN) > MOST_SCANS:
        raise NoCodec(f"JPEG of more than {MOST_SCANS} scans is not decoded.")
    return header
