"""Codestreams of a hundred bytes that speak of millions of code-blocks are refused before a decoder makes room."""

from dataclasses import replace
from struct import pack

import imagecodecs
import pytest

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import codecs, jpeg2000_blocks, jpeg2000_markers
from archive.dicom.images.jpeg2000_blocks import MOST_MARKERS, check_blocks
from tests.archive.dicom.images.built import GRAY_8, RGB, UID, ramp

END = b"\xff\xd9"
SIDE = 8192


def segment(marker: int, content: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def coding(
    *, levels: int = 5, block: int = 4, layers: int = 1, precincts: bytes = b"", component: bytes | None = None
) -> bytes:
    """A COD, or the COC of a component; `block` and `precincts` as they are coded."""
    parameters = bytes((levels, block, block, 0, 1)) + precincts
    if component is not None:
        return segment(0x53, component + bytes((bool(precincts),)) + parameters)
    return segment(0x52, bytes((bool(precincts), 0)) + pack(">HB", layers, 0) + parameters)


def main_header(
    *more: bytes, rows: int = SIDE, columns: int = SIDE, tile: int = SIDE, components: int = 1, **style: object
) -> bytes:
    size = pack(">H8IH", 0, columns, rows, 0, 0, tile, tile, 0, 0, components) + b"\7\1\1" * components
    head = b"\xff\x4f" + segment(0x51, size) + coding(**style)  # type: ignore[arg-type]
    return head + segment(0x5C, b"\x40" + b"\x48" * 97) + b"".join(more)


def tile_part(*headers: bytes, data: bytes = b"", length: int | None = None, number: int = 0) -> bytes:
    content = b"".join(headers) + b"\xff\x93" + data
    return segment(0x90, pack(">HIBB", number, 12 + len(content) if length is None else length, 0, 1)) + content


def check(codestream: bytes) -> None:
    check_blocks(codestream, jpeg2000_markers.read_header(codestream))


MANY = {
    "small code-blocks": main_header(block=0) + tile_part(),
    "small precincts": main_header(precincts=b"\x11" * 6) + tile_part(),
    "precincts of one sample": main_header(levels=0, precincts=b"\x00") + tile_part(),
    "small precincts of a low resolution": main_header(levels=1, precincts=b"\x00\xff") + tile_part(),
    "small code-blocks of a component": main_header(coding(block=0, component=b"\0")) + tile_part(),
    "small code-blocks of a tile-part": main_header() + tile_part() + tile_part(coding(block=0)),
    "small code-blocks after a tile-part of no length": main_header() + tile_part(coding(block=0), length=0),
    "layers": main_header(layers=0xFFFF, precincts=b"\x77" * 6) + tile_part(),
    "tiles": main_header(tile=32) + tile_part(),
    "tile-parts": main_header() + tile_part() * MOST_MARKERS,
    "components": main_header(rows=16, columns=16, components=16_000, block=0) + tile_part(),
}


@pytest.mark.parametrize("codestream", MANY.values(), ids=MANY)
def test_what_needs_too_much_room_is_not_decoded(codestream: bytes) -> None:
    with pytest.raises(NoCodec, match="so many"):
        check(codestream + END)


@pytest.mark.parametrize("codestream", [MANY["small code-blocks"], MANY["precincts of one sample"]])
@pytest.mark.parametrize("syntax", ["4.90", "4.201"])
def test_it_is_refused_before_it_is_decoded(codestream: bytes, syntax: str) -> None:
    with pytest.raises(NoCodec):
        codecs.decode(codestream + END, f"{UID}.{syntax}", replace(GRAY_8, rows=SIDE, columns=SIDE))


@pytest.mark.parametrize(
    "codestream",
    [
        pytest.param(main_header(precincts=b"\x77" * 5) + tile_part(), id="a precinct is missing"),
        pytest.param(main_header(tile=0) + tile_part(), id="tiles without a size"),
        pytest.param(main_header(segment(0x65, coding(block=0))) + tile_part(), id="a marker that nobody knows"),
        pytest.param(main_header() + tile_part(length=9) + b"\0\0\0\0", id="no marker after a tile-part"),
        pytest.param(main_header() + tile_part(segment(0x52, b"")), id="an empty COD"),
        pytest.param(main_header() + tile_part(segment(0x53, b"")), id="an empty COC"),
        pytest.param(main_header() + b"\xff\x90\0\x0a", id="a tile-part that is cut off"),
    ],
)
def test_headers_that_cannot_be_read_are_malformed(codestream: bytes) -> None:
    with pytest.raises(MalformedPixelData):
        check(codestream + END)


def test_markers_without_end_are_malformed() -> None:
    with pytest.raises(MalformedPixelData, match="without end"):
        jpeg2000_markers.read_header(main_header(segment(0x64, b"") * (1 << 20)) + END)


@pytest.mark.parametrize("pixels", [GRAY_8, RGB], ids=["gray", "color"])
@pytest.mark.parametrize("options", [{}, {"resolutions": 1}, {"reversible": False}], ids=["plain", "one", "lossy"])
def test_what_encoders_make_is_far_from_the_limits(pixels, options, monkeypatch) -> None:
    pixels = replace(pixels, rows=1024, columns=1024)
    codestream = bytes(imagecodecs.jpeg2k_encode(ramp(pixels), codecformat="J2K", **options))
    # As if the largest frame were as large as this one.
    monkeypatch.setattr(jpeg2000_blocks, "MOST_BLOCKS", jpeg2000_blocks.MOST_BLOCKS >> 7)
    monkeypatch.setattr(jpeg2000_blocks, "MOST_PACKETS", jpeg2000_blocks.MOST_PACKETS >> 7)
    check(codestream)
