"""What MPEG-2 streams (ISO/IEC 13818-2) and MP4 files (ISO/IEC 14496-12) say of their pictures."""

from dataclasses import dataclass
from fractions import Fraction
from struct import Struct

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images.boxes import boxes, boxes_at

_SEQUENCE, _EXTENSION = b"\0\0\1\xb3", b"\0\0\1\xb5"
_SEQUENCE_EXTENSION = 1
#: How far into a stream its first sequence is looked for: it may come in packets of a transport or program stream.
_FARTHEST_START = 1 << 20

#: Width and height of a visual sample entry, behind what is reserved; then boxes.
_PICTURE = Struct(">24xHH")
_VISUAL_SAMPLE_ENTRY = 78
_FULL_BOX_AND_COUNT = 8
_PATH = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_AVC, _HEVC = (b"avc1", b"avc3"), (b"hvc1", b"hev1")
#: How wide and how tall pixels are.
_ASPECT = Struct(">II")

#: ISO/IEC 13818-2 Table 6-3: how wide the whole picture is for its height, by code. Of code 1 the pixels are square.
_DISPLAYS = {2: Fraction(4, 3), 3: Fraction(16, 9), 4: Fraction(221, 100)}


@dataclass(frozen=True, slots=True)
class VideoHeader:
    """Size and coding of the pictures.

    `level` in the units of each coding. `pixel_aspect_ratio`: how tall pixels are for their width, None where nothing
    is said.
    """

    coding: str
    rows: int
    columns: int
    profile: int
    level: int
    bits: int = 8
    pixel_aspect_ratio: Fraction | None = None


def read_mpeg2(data: bytes) -> VideoHeader:
    """The first sequence of an MPEG-2 stream."""
    start = data.find(_SEQUENCE, 0, _FARTHEST_START) + len(_SEQUENCE)
    if start < len(_SEQUENCE) or len(data) < start + 4:
        raise MalformedPixelData("There is no MPEG-2 video sequence.")
    sides = int.from_bytes(data[start : start + 3])
    extension = data.find(_EXTENSION, start, start + _FARTHEST_START) + len(_EXTENSION)
    fields = int.from_bytes(data[extension : extension + 6])
    if extension < len(_EXTENSION) or len(data) < extension + 6 or fields >> 44 != _SEQUENCE_EXTENSION:
        raise MalformedPixelData("A video sequence has no MPEG-2 extension.")
    rows, columns = sides & 0xFFF | (fields >> 29 & 3) << 12, sides >> 12 | (fields >> 31 & 3) << 12
    display = _DISPLAYS.get(data[start + 3] >> 4)
    return VideoHeader(
        coding="MPEG-2",
        rows=rows,
        columns=columns,
        profile=fields >> 40 & 7,
        level=fields >> 36 & 0xF,
        pixel_aspect_ratio=Fraction(columns, rows) / display if display and rows else None,
    )


def read_mp4(data: bytes) -> VideoHeader:
    """The first H.264 or H.265 track of an MP4 file."""
    for start, stop in boxes_at(data, _PATH):
        for kind, content, end in boxes(data, start + _FULL_BOX_AND_COUNT, stop):
            if kind in _AVC + _HEVC:
                return _sample_entry(data, kind, content, end)
    raise NoCodec("There is no H.264 or H.265 track in an MP4 file.")


def _sample_entry(data: bytes, kind: bytes, start: int, stop: int) -> VideoHeader:
    """The size of the pictures and of their pixels, and the profile and level from the decoder's configuration."""
    coding, configuration = ("H.264", b"avcC") if kind in _AVC else ("H.265", b"hvcC")
    inner = {found: data[content:end] for found, content, end in boxes(data, start + _VISUAL_SAMPLE_ENTRY, stop)}
    record = inner.get(configuration, b"")
    if len(record) >= (4 if coding == "H.264" else 18):
        columns, rows = _PICTURE.unpack_from(data, start)
        aspect = _aspect(inner.get(b"pasp", b""))
        if coding == "H.264":
            return VideoHeader(coding, rows, columns, profile=record[1], level=record[3], pixel_aspect_ratio=aspect)
        return VideoHeader(
            coding,
            rows,
            columns,
            profile=record[1] & 0x1F,
            level=record[12],
            bits=8 + (record[17] & 7),
            pixel_aspect_ratio=aspect,
        )
    raise MalformedPixelData(f"A track of an MP4 file has no configuration of its {coding} decoder.")


def _aspect(box: bytes) -> Fraction | None:
    """The box pasp: horizontal and vertical spacing (ISO/IEC 14496-12 Section 12.1.4)."""
    across, down = _ASPECT.unpack_from(box) if len(box) >= _ASPECT.size else (0, 0)
    return Fraction(down, across) if across and down else None
