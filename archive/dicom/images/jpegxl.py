"""JPEG XL frames: PS3.5 Section 8.2.15."""

import imagecodecs

from archive.dicom.errors import NoCodec
from archive.dicom.images import jpegxl_header
from archive.dicom.images.pixel_cells import Cells, cells_from, check_shape, samples_of
from archive.dicom.pixel_description import PixelDescription


def decode(codestream: bytes, pixels: PixelDescription) -> Cells:
    """JPEG XL, bare or in its file; three components become RGB."""
    header = jpegxl_header.read_header(codestream)
    if header.floating or header.extra_channels:
        raise NoCodec("There is no codec for JPEG XL with floating point samples or extra channels.")
    if header.animated:
        raise NoCodec("There is no codec for JPEG XL with an animation.")
    check_shape(header.rows, header.columns, header.components, header.precision, pixels)
    samples = samples_of(imagecodecs.jpegxl_decode, codestream, index=0, keeporientation=True, numthreads=1)
    return cells_from(samples, precision=header.precision, signed=False, pixels=pixels)
