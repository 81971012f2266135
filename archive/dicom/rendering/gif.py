"""GIF images and animations (GIF89a) of rasters, written frame by frame: no more than one is held.

Pillow compresses the frames; its own animations keep all of them until the last.
"""

from collections.abc import Iterable, Iterator
from struct import Struct

from PIL import GifImagePlugin, Image

from archive.dicom.errors import NoCodec
from archive.dicom.rendering.rasters import Raster

#: Width and height are of 16 bits.
LONGEST_SIDE = 0xFFFF

_SCREEN = Struct("<6sHHBBB")
#: A table of 256 colors, of 8 bits each.
_GLOBAL_COLORS = 0xF7
_GRAYS = bytes(shade for shade in range(256) for _ in range(3))
_FOREVER = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
_CONTROL = Struct("<4sHBB")
_TRAILER = b";"

#: In hundredths of a second. Browsers take less than the shortest to mean a tenth of a second.
_SHORTEST, _LONGEST = 2, 0xFFFF


def still(raster: Raster) -> bytes:
    """A GIF image. Gray is kept as it is; of colors, the 256 that come nearest."""
    return _head(*raster.shape[:2]) + _image(raster) + _TRAILER


def animated(frames: Iterable[tuple[Raster, float]], *, rows: int, columns: int) -> Iterator[bytes]:
    """A GIF that shows frames of one size again and again, in pieces.

    Args:
        frames: each with the milliseconds for which it is seen. They are rounded to hundredths of a second so that
            the whole lasts as long as it should, as far as browsers show frames as quickly.

    Raises:
        NoCodec: the frames are too large. It is raised at once, not with the first piece.
    """
    return _pieces(frames, _head(rows, columns) + _FOREVER)


def _pieces(frames: Iterable[tuple[Raster, float]], head: bytes) -> Iterator[bytes]:
    yield head
    wanted, shown = 0.0, 0
    for raster, milliseconds in frames:
        wanted += milliseconds / 10
        delay = min(max(round(wanted - shown), _SHORTEST), _LONGEST)
        shown += delay
        yield _CONTROL.pack(b"!\xf9\x04\0", delay, 0, 0) + _image(raster)
    yield _TRAILER


def _head(rows: int, columns: int) -> bytes:
    if max(rows, columns) > LONGEST_SIDE:
        raise NoCodec(f"GIF images have no more than {LONGEST_SIDE} rows or columns.")
    return _SCREEN.pack(b"GIF89a", columns, rows, _GLOBAL_COLORS, 0, 0) + _GRAYS


def _image(raster: Raster) -> bytes:
    """One image: gray in the colors of all, RGB with a table of its own."""
    image, is_color = Image.fromarray(raster), raster.ndim > 2
    if is_color:
        image = image.quantize(256, Image.Quantize.MEDIANCUT)
    return b"".join(GifImagePlugin.getdata(image, include_color_table=is_color))
