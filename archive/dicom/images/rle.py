"""RLE Lossless: PS3.5 Annex G. Each byte of the pixel cells is a segment of its own, most significant first."""

from itertools import pairwise
from struct import Struct

import imagecodecs
import numpy as np

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images.pixel_cells import Cells, cells_of
from archive.dicom.pixel_description import PixelDescription

_HEADER = Struct("<16L")
_MOST_SEGMENTS = 15
#: Two bytes stand for at most 128.
_MOST_EXPANSION = 64
#: Segments are padded to even length, which may decode to a few bytes.
_PADDING = 128


def decode(codestream: bytes, pixels: PixelDescription) -> Cells:
    """The cells of a frame."""
    if pixels.bits_allocated == 1:
        (segment,) = _segments(codestream, 1)
        return cells_of(_unpacked(segment, pixels.frame_length).tobytes(), pixels)
    size = _cell_size(pixels)
    segments = _segments(codestream, pixels.samples_per_pixel * size)
    planes = [_unpacked(segment, pixels.rows * pixels.columns) for segment in segments]
    cells = np.stack(planes, axis=-1).view(f">u{size}")
    return cells.reshape(pixels.rows, pixels.columns, pixels.samples_per_pixel)


def encode(cells: Cells, pixels: PixelDescription) -> bytes:
    """The codestream of a frame. Rows are packed one by one, but pixels of one bit, whose rows may share a byte."""
    if pixels.bits_allocated == 1:
        planes = [np.packbits(cells, bitorder="little")]
    else:
        size = _cell_size(pixels)
        octets = cells.astype(f">u{size}")[..., None].view(np.uint8)
        planes = [octets[..., sample, byte] for sample in range(pixels.samples_per_pixel) for byte in range(size)]
    segments = [_even(bytes(imagecodecs.packbits_encode(plane.copy()))) for plane in planes]
    offsets = [_HEADER.size]
    for segment in segments[:-1]:
        offsets.append(offsets[-1] + len(segment))
    unused = [0] * (_MOST_SEGMENTS - len(segments))
    return b"".join((_HEADER.pack(len(segments), *offsets, *unused), *segments))


def _cell_size(pixels: PixelDescription) -> int:
    """Bytes of a cell; only so many segments have a place in the header."""
    size = pixels.bits_allocated // 8
    if not 1 <= size * pixels.samples_per_pixel <= _MOST_SEGMENTS:
        raise NoCodec(
            f"RLE has no form for {pixels.samples_per_pixel} samples of {pixels.bits_allocated} bits allocated."
        )
    return size


def _segments(codestream: bytes, count: int) -> list[bytes]:
    if len(codestream) < _HEADER.size:
        raise MalformedPixelData("An RLE frame is shorter than its header.")
    found, *offsets = _HEADER.unpack_from(codestream)
    if found != count:
        raise MalformedPixelData(f"An RLE frame has {found} segments where {count} belong.")
    bounds = [*offsets[:count], len(codestream)]
    if bounds[0] < _HEADER.size or any(start >= stop for start, stop in pairwise(bounds)):
        raise MalformedPixelData("The segments of an RLE frame do not follow each other.")
    return [codestream[start:stop] for start, stop in pairwise(bounds)]


def _unpacked(segment: bytes, length: int) -> np.ndarray:
    if len(segment) * _MOST_EXPANSION < length:
        raise MalformedPixelData(f"A segment of an RLE frame cannot hold the {length} bytes that belong into it.")
    try:
        octets = imagecodecs.packbits_decode(segment, out=length + _PADDING)
    except imagecodecs.PackbitsError as problem:
        raise MalformedPixelData(f"A segment of an RLE frame cannot be decoded: {problem}.") from problem
    if len(octets) < length:
        raise MalformedPixelData(f"A segment of an RLE frame has {len(octets)} bytes where {length} belong.")
    return np.frombuffer(octets, np.uint8, length)


def _even(segment: bytes) -> bytes:
    return segment + b"\0" if len(segment) % 2 else segment
