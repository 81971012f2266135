"""What JPEG 2000 and HTJ2K codestreams (ISO/IEC 15444-1 and -15) say before their first tile, bare or in a JP2 file."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, error

from archive.dicom.errors import MalformedPixelData
from archive.dicom.images.boxes import boxes_at

CODESTREAM_START = b"\xff\x4f\xff\x51"
JP2_SIGNATURE = b"\0\0\0\x0cjP  "

_SIZ, _COD, _TLM, _SOT = 0x51, 0x52, 0x55, 0x90
_END = b"\xff\xd9"
_RPCL, _BASE_RESOLUTION = 2, 64
_REVERSIBLE = 1
_HIGH_THROUGHPUT, _EXTENSIONS = 0x40, 0x8000

#: Headers are read in Python: what goes on without end is not one.
_MOST_MARKERS = 1 << 14

_SIZE = Struct(">H8IH")
_LENGTH = Struct(">H")


@dataclass(frozen=True, slots=True)
class Jpeg2000Header:
    """SIZ and COD of a codestream.

    `transform`: the three first components were transformed (MCT). `extended`: it uses what Part 2 adds. `progressive`:
    in the form of HTJ2K with RPCL (PS3.5 Section 10.18). `ended`: there is an EOC, which no packet can hold.
    """

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool
    subsampled: bool
    transform: bool
    reversible: bool
    decompositions: int
    high_throughput: bool
    extended: bool
    progressive: bool
    ended: bool


def codestream_of(data: bytes) -> bytes:
    """The codestream itself: PS3.5 Section A.4.4 wants it bare, some senders leave it in its JP2 file."""
    if not data.startswith(JP2_SIGNATURE):
        return data
    for start, stop in boxes_at(data, (b"jp2c",)):
        return data[start:stop]
    raise MalformedPixelData("A JP2 file has no codestream.")


def has_palette(data: bytes) -> bool:
    """Whether it is a JP2 file whose one component means colors that only the file knows."""
    return data.startswith(JP2_SIGNATURE) and any(boxes_at(data, (b"jp2h", b"pclr")))


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
        capabilities, xsize, ysize, x, y, _, _, _, _, components = _SIZE.unpack_from(size)
        _, progression, _, transform, decompositions, _, _, style, wavelet = Struct(">BBHBBBBBB").unpack_from(coding)
    except error:
        raise MalformedPixelData("A JPEG 2000 codestream ends in its main header.") from None
    specifications = size[_SIZE.size : _SIZE.size + 3 * components]
    if not components or len(specifications) < 3 * components:
        raise MalformedPixelData("A JPEG 2000 codestream does not describe all its components.")
    if len(set(specifications[0::3])) > 1:
        raise MalformedPixelData("The components of a JPEG 2000 codestream differ in precision or sign.")
    rows, columns = ysize - y, xsize - x
    return Jpeg2000Header(
        rows=rows,
        columns=columns,
        components=components,
        precision=(specifications[0] & 0x7F) + 1,
        signed=bool(specifications[0] & 0x80),
        subsampled=any(step != 1 for number, step in enumerate(specifications) if number % 3),
        transform=bool(transform),
        reversible=wavelet == _REVERSIBLE,
        decompositions=decompositions,
        high_throughput=bool(style & _HIGH_THROUGHPUT),
        extended=bool(capabilities & _EXTENSIONS),
        progressive=progression == _RPCL and with_lengths and min(rows, columns) <= _BASE_RESOLUTION << decompositions,
        ended=codestream.rfind(_END) >= 0,
    )


def _segments(codestream: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers of the main header and what is in their segments."""
    position = 2
    for _ in range(_MOST_MARKERS):
        if position + 4 > len(codestream):
            return
        marker = codestream[position + 1]
        if codestream[position] != 0xFF or marker == _SOT:
            return
        (length,) = _LENGTH.unpack_from(codestream, position + 2)
        stop = position + 2 + max(2, length)
        yield marker, codestream[position + 4 : stop]
        position = stop
    raise MalformedPixelData("A JPEG 2000 codestream has markers without end in its main header.")


def with_precision(codestream: bytes, bits: int, *, signed: bool) -> bytes:
    """The codestream with another precision and sign in its header, for all of its components."""
    start = len(CODESTREAM_START) + _LENGTH.size + _SIZE.size
    (components,) = _LENGTH.unpack_from(codestream, start - _LENGTH.size)
    changed = bytearray(codestream)
    changed[start : start + 3 * components : 3] = bytes((bits - 1 | signed << 7,)) * components
    return bytes(changed)
