"""What a decoder of JPEG 2000 and HTJ2K has to make room for before it decodes: ISO/IEC 15444-1 Annexes A and B.

A hundred bytes can speak of millions of code-blocks, precincts and packets; all those of a tile are in memory at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, error
from typing import Self

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images.jpeg2000_markers import Jpeg2000Header

#: Far more than encoders make of the largest frame that is decoded.
MOST_TILES = 1 << 14
MOST_BLOCKS = 1 << 19
MOST_PACKETS = 1 << 22
MOST_MARKERS = 1 << 17

_SIZ, _COD, _COC, _SOT, _SOD, _EOC = 0x51, 0x52, 0x53, 0x90, 0x93, 0xD9
#: The markers whose segments are passed over by their length: CAP, TLM, PLM, PLT, CPF, QCD to CRG, COM, and those of
#: Part 2. In what follows any other, decoders look for markers.
_PASSED_OVER = frozenset({0x50, _SIZ, 0x55, 0x57, 0x58, 0x59, *range(0x5C, 0x62), 0x63, 0x64, 0x74, 0x75, 0x77, 0x78})
_LENGTH = Struct(">H")
_TILE_PART_LENGTH = Struct(">6xI")
_SIZES = Struct(">8x8I")
_COMPONENT_OF_ONE_BYTE = 257
_LARGEST_PRECINCT = 0xFF  # both sides


@dataclass(frozen=True, slots=True)
class _Style:
    """What a COD or a COC says. Sides are exponents of two; `precincts` from the lowest resolution up."""

    layers: int
    block: tuple[int, int]
    precincts: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, parameters: bytes, *, layers: int, own_precincts: bool) -> Self:
        levels, width, height = parameters[:3]
        sides = parameters[5 : 6 + levels] if own_precincts else bytes((_LARGEST_PRECINCT,)) * (levels + 1)
        if len(sides) <= levels:
            raise ValueError("precincts are missing")
        return cls(layers, (2 + (width & 0xF), 2 + (height & 0xF)), tuple((side & 0xF, side >> 4) for side in sides))

    def resolutions(self, rows: int, columns: int) -> Iterator[tuple[int, int]]:
        """Code-blocks and precincts of each resolution of one component, as if it were one tile."""
        for resolution, (width, height) in enumerate(self.precincts):
            reduction = len(self.precincts) - 1 - resolution
            # Above the lowest resolution there are three bands, whose sides are half as long.
            half, bands = (1, 3) if resolution else (0, 1)
            across, down = _parts(columns, reduction), _parts(rows, reduction)
            wide, high = (max(0, min(own, side - half)) for own, side in zip(self.block, (width, height), strict=True))
            precincts = _parts(across, width) * _parts(down, height)
            yield bands * (precincts + _parts(across, half + wide) * _parts(down, half + high)), precincts


def check_blocks(codestream: bytes, header: Jpeg2000Header) -> None:
    """Refuse a codestream, whose main header has been read, when a decoder would make too much room for it.

    Raises:
        NoCodec: it would.
        MalformedPixelData: nobody can tell.
    """
    try:
        tiles = _tiles(codestream)
        styles = list(_styles(codestream, header.components))
    except (error, IndexError, ValueError, ZeroDivisionError):
        raise MalformedPixelData("A JPEG 2000 codestream has a broken header.") from None
    layers = max(style.layers for style in styles)
    blocks = packets = 0
    for style in styles:
        of_blocks, of_precincts = zip(*style.resolutions(header.rows, header.columns), strict=True)
        # What the edges of a tile leave of a code-block is one.
        at_edges = 3 * tiles * len(style.precincts)
        blocks = max(blocks, header.components * (sum(of_blocks) + at_edges))
        packets = max(packets, header.components * sum(of_precincts) * layers)
    if tiles > MOST_TILES or blocks > MOST_BLOCKS or packets > MOST_PACKETS:
        raise NoCodec("JPEG 2000 of so many tiles, code-blocks or layers is not decoded.")


def _parts(length: int, exponent: int) -> int:
    return -(-length >> exponent)


def _tiles(codestream: bytes) -> int:
    sizes: tuple[int, ...] = _SIZES.unpack_from(codestream)
    right, bottom, _, _, width, height, left, top = sizes
    return -((left - right) // width) * -((top - bottom) // height)


def _styles(codestream: bytes, components: int) -> Iterator[_Style]:
    """Those of the main header and of all tile-parts, which may have their own."""
    number = 1 if components < _COMPONENT_OF_ONE_BYTE else 2
    for marker, segment in _segments(codestream):
        if marker == _COD:
            (layers,) = _LENGTH.unpack_from(segment, 2)
            yield _Style.of(segment[5:], layers=layers, own_precincts=bool(segment[0] & 1))
        elif marker == _COC:
            yield _Style.of(segment[number + 1 :], layers=0, own_precincts=bool(segment[number] & 1))


def _segments(codestream: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers of all headers and what is in their segments; the data of tile-parts are passed over."""
    position = stop_of_part = 2
    for _ in range(MOST_MARKERS):
        if position + 4 > len(codestream):
            return
        marker = codestream[position + 1]
        if codestream[position] != 0xFF or marker not in _PASSED_OVER | {_COD, _COC, _SOT, _SOD, _EOC}:
            raise MalformedPixelData(f"No JPEG 2000 marker at offset {position} of a codestream.")
        if marker == _EOC:
            return
        if marker == _SOD:
            position = max(stop_of_part, position + 2)
            continue
        if marker == _SOT:
            (length,) = _TILE_PART_LENGTH.unpack_from(codestream, position)
            stop_of_part = position + length if length else len(codestream)
        (length,) = _LENGTH.unpack_from(codestream, position + 2)
        yield marker, codestream[position + 4 : position + 2 + length]
        position += 2 + max(2, length)
    raise NoCodec("JPEG 2000 of so many tile-parts is not decoded.")
