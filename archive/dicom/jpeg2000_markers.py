"""What JPEG 2000 and HTJ2K codestreams (ISO/IEC 15444-1 and -15) say before their first tile, bare or in a JP2 file."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, error

from archive.dicom.errors import MalformedPixelData

CODESTREAM_START = b"\xff\x4f\xff\x51"
JP2_SIGNATURE = b"\0\0\0\x0cjP  "

_SIZ, _COD, _SOT = 0x51, 0x52, 0x90
_RPCL = 2
_TLM = 0x55
_REVERSIBLE = 1
_HIGH_THROUGHPUT = 0x40

_SIZE = Struct(">H8IH")
_LENGTH = Struct(">H")
_BOX = Struct(">I4s")
_LONG_BOX = Struct(">Q")


@dataclass(frozen=True, slots=True)
class Jpeg2000Header:
    """SIZ and COD of a codestream. `transform`: the three first components were transformed (MCT)."""

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool
    subsampled: bool
    transform: bool
    reversible: bool
    high_throughput: bool
    progressive: bool


def codestream_of(data: bytes) -> bytes:
    """The codestream itself: PS3.5 Section A.4.4 wants it bare, some senders leave it in its JP2 file."""
    if not data.startswith(JP2_SIGNATURE):
        return data
    for kind, start, stop in boxes(data):
        if kind == b"jp2c":
            return data[start:stop]
    raise MalformedPixelData("A JP2 file has no codestream.")


def boxes(data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a JP2, JPEG XL or MP4 file between two offsets: kind, and where its content starts and stops."""
    stop = len(data) if stop is None else stop
    while start + _BOX.size <= stop:
        length, kind = _BOX.unpack_from(data, start)
        content = start + _BOX.size
        if length == 1 and content + _LONG_BOX.size <= stop:
            (length,) = _LONG_BOX.unpack_from(data, content)
            content += _LONG_BOX.size
        end = stop if length == 0 else start + length
        if end < content:
            raise MalformedPixelData(f"A box at offset {start} is shorter than its own header.")
        yield kind, content, min(end, stop)
        start = end


def read_header(codestream: bytes) -> Jpeg2000Header:
    """The header of a bare codestream."""
    if not codestream.startswith(CODESTREAM_START):
        raise MalformedPixelData("A JPEG 2000 codestream does not begin with SOC and SIZ.")
    size = coding = b""
    with_lengths = False
    for marker, segment in _segments(codestream):
        if marker == _SIZ:
            size = segment
        elif marker == _COD:
            coding = segment
        with_lengths = with_lengths or marker == _TLM
    try:
        _, xsize, ysize, x, y, _, _, _, _, components = _SIZE.unpack_from(size)
        _, progression, _, transform, _, _, _, style, wavelet = Struct(">BBHBBBBBB").unpack_from(coding)
    except error:
        raise MalformedPixelData("A JPEG 2000 codestream ends in its main header.") from None
    specifications = size[_SIZE.size : _SIZE.size + 3 * components]
    if not components or len(specifications) < 3 * components:
        raise MalformedPixelData("A JPEG 2000 codestream does not describe all its components.")
    if len(set(specifications[0::3])) > 1:
        raise MalformedPixelData("The components of a JPEG 2000 codestream differ in precision or sign.")
    return Jpeg2000Header(
        rows=ysize - y,
        columns=xsize - x,
        components=components,
        precision=(specifications[0] & 0x7F) + 1,
        signed=bool(specifications[0] & 0x80),
        subsampled=any(step != 1 for number, step in enumerate(specifications) if number % 3),
        transform=bool(transform),
        reversible=wavelet == _REVERSIBLE,
        high_throughput=bool(style & _HIGH_THROUGHPUT),
        progressive=progression == _RPCL and with_lengths,
    )


def _segments(codestream: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers of the main header and what is in their segments."""
    position = 2
    while position + 4 <= len(codestream):
        marker = codestream[position + 1]
        if codestream[position] != 0xFF or marker == _SOT:
            return
        (length,) = _LENGTH.unpack_from(codestream, position + 2)
        yield marker, codestream[position + 4 : position + 2 + length]
        position += 2 + max(2, length)


def with_precision(codestream: bytes, bits: int, *, signed: bool) -> bytes:
    """The codestream with another precision and sign in its header, for all of its components."""
    start = len(CODESTREAM_START) + _LENGTH.size + _SIZE.size
    (components,) = _LENGTH.unpack_from(codestream, start - _LENGTH.size)
    changed = bytearray(codestream)
    changed[start : start + 3 * components : 3] = bytes((bits - 1 | signed << 7,)) * components
    return bytes(changed)
