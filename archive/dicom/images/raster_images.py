"""PNG and GIF images, which no transfer syntax has, as native frames (PS3.18 Table 10.5.2-1)."""

from collections.abc import Callable
from struct import Struct
from typing import Any

import imagecodecs
from numpy.typing import NDArray

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images.pixel_cells import LARGEST_FRAME, checked
from archive.dicom.pixel_description import PixelDescription

#: All the frames of an animation are in memory at once.
LARGEST_ANIMATION = LARGEST_FRAME

PNG_START = b"\x89PNG\r\n\x1a\n"
GIF_STARTS = (b"GIF87a", b"GIF89a")

#: The first chunk of a PNG: its length and name, then size, bits of a sample, and color type.
_IHDR = Struct(">I4sIIBB")
_COLOR, _SIXTEEN_BITS = 0x02, 16

_SCREEN = Struct("<6sHHBBB")
_PLACE = Struct("<HHHHB")
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_HAS_COLORS = 0x80
#: Data of an image, or of an extension, come in pieces of up to 255 bytes; some of one byte each go on without end.
_MOST_SUB_BLOCKS = 1 << 21
_MOST_BLOCKS = 1 << 17


def describe_png(data: bytes) -> PixelDescription:
    """The description of the native frame. Samples of fewer than 8 bits become 8; a palette becomes RGB."""
    if len(data) < len(PNG_START) + _IHDR.size or not data.startswith(PNG_START):
        raise MalformedPixelData("There is no PNG image.")
    _, kind, columns, rows, bits, color = _IHDR.unpack_from(data, len(PNG_START))
    if kind != b"IHDR":
        raise MalformedPixelData("A PNG image does not begin with its header.")
    return _native(rows, columns, color=bool(color & _COLOR), bits=16 if bits == _SIXTEEN_BITS else 8)


def native_png(data: bytes) -> list[bytes]:
    """The one native frame of a PNG image, without its alpha channel."""
    pixels = describe_png(data)
    samples = _decoded(imagecodecs.png_decode, data)
    samples = samples.reshape(pixels.rows, pixels.columns, -1)[..., : pixels.samples_per_pixel]
    return [samples.astype(f"<u{pixels.bits_allocated // 8}").tobytes()]


def describe_gif(data: bytes) -> PixelDescription:
    """The description of each native frame."""
    return _gif(data)[0]


def native_gif(data: bytes) -> list[bytes]:
    """The native frames of a GIF image or animation, each as one sees it, on black where it is transparent."""
    pixels, count = _gif(data)
    if count * pixels.frame_length > LARGEST_ANIMATION:
        raise NoCodec(f"Animations of more than {LARGEST_ANIMATION} bytes are not decoded.")
    samples = _decoded(imagecodecs.gif_decode, data)
    frames = samples.reshape(-1, pixels.rows, pixels.columns, samples.shape[-1])[..., : pixels.samples_per_pixel]
    return [frame.tobytes() for frame in frames]


def _gif(data: bytes) -> tuple[PixelDescription, int]:
    """The description of the screen, and how many images are drawn on it."""
    if len(data) < _SCREEN.size or not data.startswith(GIF_STARTS):
        raise MalformedPixelData("There is no GIF image.")
    _, columns, rows, flags, _, _ = _SCREEN.unpack_from(data)
    position, count = _SCREEN.size + _color_table(flags), 0
    for _ in range(_MOST_BLOCKS):
        if position >= len(data) or data[position] == _TRAILER:
            break
        block, position = data[position], position + 1
        if block == _IMAGE and position + _PLACE.size < len(data):
            left, top, width, height, flags = _PLACE.unpack_from(data, position)
            # The decoder has room for each image as large as it says to be, not for what of it is on the screen.
            if left + width > columns or top + height > rows:
                raise MalformedPixelData("An image of a GIF is larger than its screen.")
            position, count = position + _PLACE.size + _color_table(flags) + 1, count + 1
        elif block == _EXTENSION:
            position += 1
        else:
            raise MalformedPixelData(f"A GIF image has no block at offset {position - 1}.")
        position = _behind_sub_blocks(data, position)
    else:
        raise MalformedPixelData("A GIF image has blocks without end.")
    if not count:
        raise MalformedPixelData("A GIF image is empty.")
    return _native(rows, columns, color=True, bits=8), count


def _color_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & _HAS_COLORS else 0


def _behind_sub_blocks(data: bytes, position: int) -> int:
    for _ in range(_MOST_SUB_BLOCKS):
        if position >= len(data) or not data[position]:
            return position + 1
        position += 1 + data[position]
    raise MalformedPixelData("A GIF image has data without end.")


def _native(rows: int, columns: int, *, color: bool, bits: int) -> PixelDescription:
    pixels = PixelDescription(
        rows=rows,
        columns=columns,
        samples_per_pixel=3 if color else 1,
        photometric_interpretation="RGB" if color else "MONOCHROME2",
        bits_allocated=bits,
        bits_stored=bits,
        high_bit=bits - 1,
        pixel_representation=0,
    )
    return checked(pixels)


def _decoded(decoder: Callable[[bytes], NDArray[Any]], data: bytes) -> NDArray[Any]:
    try:
        return decoder(data)
    except (RuntimeError, ValueError) as problem:
        raise MalformedPixelData(f"An image cannot be decoded: {problem}.") from problem
