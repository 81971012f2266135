"""What JPEG XL codestreams (ISO/IEC 18181-1) say before their first frame, bare or in their file format."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from archive.dicom.errors import MalformedPixelData
from archive.dicom.images.boxes import boxes

CODESTREAM_START = b"\xff\x0a"
FILE_START = b"\0\0\0\x0cJXL "

#: The header is in the first bytes, unless extra channels are many or have long names.
_LONGEST_HEADER = 1 << 12

#: Distributions of a number: for each value of two bits, what is added to how many further bits.
_SIDE = ((1, 9), (1, 13), (1, 18), (1, 30))
_PREVIEW_SIDE = ((1, 6), (65, 8), (321, 10), (1345, 12))
_PREVIEW_SIDE_IN_EIGHTS = ((16, 0), (32, 0), (1, 5), (33, 9))
_ENUMERATED = ((0, 0), (1, 0), (2, 4), (18, 6))
_BITS = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_BITS = ((32, 0), (16, 0), (24, 0), (1, 6))
_CHANNELS = ((0, 0), (1, 0), (2, 4), (1, 12))

#: Width by height.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}

_ALPHA, _SPOT_COLOR, _COLOR_FILTER_ARRAY = 0, 2, 5
_GREY = 1


@dataclass(frozen=True, slots=True)
class JpegXlHeader:
    """Size and image metadata.

    `xyb`: the codestream holds XYB, that is, it is lossy. `animated`: it holds any number of images. `from_jpeg`: a
    JPEG can be made of the file as it was.
    """

    rows: int
    columns: int
    components: int
    extra_channels: int
    precision: int
    floating: bool
    xyb: bool
    animated: bool = False
    from_jpeg: bool = False


def read_header(data: bytes) -> JpegXlHeader:
    """The header of a codestream or file."""
    return replace(_Bits(_codestream_head(data)).header(), from_jpeg=_has_box(data, b"jbrd"))


def _codestream_head(data: bytes) -> bytes:
    if data.startswith(FILE_START):
        for kind, start, stop in boxes(data):
            if kind in (b"jxlc", b"jxlp"):
                # The parts of a codestream in pieces are numbered by four bytes.
                data = data[start + (4 if kind == b"jxlp" else 0) : min(stop, start + _LONGEST_HEADER)]
                break
    if not data.startswith(CODESTREAM_START):
        raise MalformedPixelData("There is no JPEG XL codestream.")
    return data[len(CODESTREAM_START) : _LONGEST_HEADER]


def _has_box(data: bytes, kind: bytes) -> bool:
    return data.startswith(FILE_START) and any(found == kind for found, _, _ in boxes(data))


class _Bits:
    """Bits from the least significant one on, and what the header is made of."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise MalformedPixelData("A JPEG XL codestream ends in its header.")
        value = self._number & ((1 << count) - 1)
        self._number >>= count
        self._left -= count
        return value

    def flag(self) -> bool:
        return bool(self.take(1))

    def number(self, distribution: tuple[tuple[int, int], ...]) -> int:
        base, bits = distribution[self.take(2)]
        return base + self.take(bits)

    def header(self) -> JpegXlHeader:
        rows, columns = self.size()
        if self.flag():
            return JpegXlHeader(rows, columns, components=3, extra_channels=0, precision=8, floating=False, xyb=True)
        animated = self.flag() and self.extra_fields()
        floating, precision = self.bit_depth()
        self.flag()
        extra_channels = self.number(_CHANNELS)
        for _ in range(extra_channels):
            self.extra_channel()
        xyb = self.flag()
        grey = not self.flag() and self.color_space() == _GREY
        return JpegXlHeader(rows, columns, 1 if grey else 3, extra_channels, precision, floating, xyb, animated)

    def color_space(self) -> int:
        self.flag()
        return self.number(_ENUMERATED)

    def size(self) -> tuple[int, int]:
        return self._size(lambda eighths: 8 * (1 + self.take(5)) if eighths else self.number(_SIDE))

    def preview(self) -> tuple[int, int]:
        return self._size(lambda eighths: self.number(_PREVIEW_SIDE_IN_EIGHTS if eighths else _PREVIEW_SIDE))

    def _size(self, side: Callable[[bool], int]) -> tuple[int, int]:
        eighths = self.flag()
        rows = side(eighths)
        ratio = self.take(3)
        if ratio:
            width, height = _RATIOS[ratio]
            return rows, rows * width // height
        return rows, side(eighths)

    def extra_fields(self) -> bool:
        """Orientation, intrinsic size and preview do not count for a stored frame; whether there is an animation."""
        self.take(3)
        if self.flag():
            self.size()
        if self.flag():
            self.preview()
        animated = self.flag()
        if animated:
            self.number(((100, 0), (1000, 0), (1, 10), (1, 30)))
            self.number(((1, 0), (1001, 0), (1, 8), (1, 10)))
            self.number(((0, 0), (0, 3), (0, 16), (0, 32)))
            self.flag()
        return animated

    def bit_depth(self) -> tuple[bool, int]:
        if floating := self.flag():
            bits = self.number(_FLOAT_BITS)
            self.take(4)
            return floating, bits
        return floating, self.number(_BITS)

    def extra_channel(self) -> None:
        if self.flag():
            return
        kind = self.number(_ENUMERATED)
        self.bit_depth()
        self.number(((0, 0), (3, 0), (4, 0), (1, 3)))
        self.take(8 * self.number(((0, 0), (0, 4), (16, 5), (48, 10))))
        if kind == _ALPHA:
            self.flag()
        elif kind == _SPOT_COLOR:
            self.take(4 * 16)
        elif kind == _COLOR_FILTER_ARRAY:
            self.number(((1, 0), (0, 2), (3, 4), (19, 8)))
