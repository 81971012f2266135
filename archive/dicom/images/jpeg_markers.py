"""What JPEG (ISO/IEC 10918-1) and JPEG-LS (ISO/IEC 14495-1) codestreams say before their samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from archive.dicom.errors import MalformedPixelData

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
APP0, APP14 = 0xE0, 0xEE
#: Start of frame, by coding process: baseline, extended, progressive, lossless; JPEG-LS.
SOF0, SOF1, SOF2, SOF3, SOF55 = 0xC0, 0xC1, 0xC2, 0xC3, 0xF7
#: SOF4, SOF8 and SOF12 are no frames: they are DHT, JPG and DAC.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {SOF55}
_END = bytes((0xFF, EOI))
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})

#: Segments and fill bytes before the first scan. Headers are read in Python: what goes on without end is not one.
_MOST_MARKERS = 1 << 14

_FRAME = Struct(">BHHB")
_LENGTH = Struct(">H")


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """A codestream's frame and first scan.

    `process` is the number of its SOF marker. `selection` is the predictor of lossless JPEG, and the error that JPEG-LS
    allows. `ycbcr`: what it says of its own colors, None when it says nothing. `ended`: there is an EOI, which no
    entropy-coded segment can hold.
    """

    process: int
    precision: int
    rows: int
    columns: int
    components: int
    ycbcr: bool | None
    selection: int
    ended: bool


def read_header(data: bytes) -> JpegHeader:
    """The header of a JPEG or JPEG-LS codestream."""
    frame: tuple[int, bytes] | None = None
    adobe: int | None = None
    jfif = False
    for marker, segment, stop in segments(data):
        if marker in FRAMES:
            frame = marker, segment
        elif marker == APP0:
            jfif = jfif or segment.startswith(b"JFIF\0")
        elif marker == APP14 and segment.startswith(b"Adobe") and len(segment) >= 12:
            adobe = segment[11]
        elif marker == SOS and frame:
            ended = data.rfind(_END, stop) >= 0
            return _header(*frame, scan=segment, adobe=adobe, jfif=jfif, ended=ended)
    raise MalformedPixelData("A JPEG codestream ends before its first scan.")


def segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Markers, what is in their segments, and where these stop, up to the first scan's header."""
    if data[:2] != bytes((0xFF, SOI)):
        raise MalformedPixelData("A JPEG codestream does not begin with SOI.")
    position = 2
    for _ in range(_MOST_MARKERS):
        if position + 4 > len(data):
            return
        if data[position] != 0xFF:
            raise MalformedPixelData(f"No JPEG marker at offset {position} of a codestream.")
        marker = data[position + 1]
        # A marker may follow any number of fill bytes; SPIFF headers end in a second SOI.
        if marker == 0xFF:
            position += 1
            continue
        if marker == SOI or marker in _WITHOUT_LENGTH:
            position += 2
            continue
        (length,) = _LENGTH.unpack_from(data, position + 2)
        stop = position + 2 + max(2, length)
        yield marker, data[position + 4 : stop], stop
        if marker in (SOS, EOI):
            return
        position = stop
    raise MalformedPixelData("A JPEG codestream has markers without end before its first scan.")


def _header(process: int, frame: bytes, *, scan: bytes, adobe: int | None, jfif: bool, ended: bool) -> JpegHeader:
    if len(frame) < _FRAME.size:
        raise MalformedPixelData("A JPEG frame header is too short.")
    precision, rows, columns, components = _FRAME.unpack_from(frame)
    specifications = frame[_FRAME.size : _FRAME.size + 3 * components]
    parameters = scan[1 + 2 * scan[0] :] if scan else b""
    if len(specifications) < 3 * components or not components or len(parameters) < 2:
        raise MalformedPixelData("A JPEG frame or scan header is too short.")
    subsampled = len(set(specifications[1::3])) > 1
    return JpegHeader(
        process=process,
        precision=precision,
        rows=rows,
        columns=columns,
        components=components,
        ycbcr=_ycbcr(specifications[0::3], subsampled, adobe, jfif) if components == 3 else None,
        selection=parameters[0],
        ended=ended,
    )


def _ycbcr(ids: bytes, subsampled: bool, adobe: int | None, jfif: bool) -> bool | None:
    """Whether three components are YCbCr, as names, Adobe's marker and JFIF say; nobody subsamples green and blue."""
    if ids.upper() == b"RGB":
        return False
    if adobe is not None:
        return adobe != 0
    return True if jfif or subsampled else None
