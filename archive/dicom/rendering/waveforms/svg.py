"""Drawings as SVG: complete by themselves, in millimetres, without scripts or anything that is loaded."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from archive.dicom.rendering.waveforms.drawings import Anchor, Color, Drawing, Grid, Line, Points, Shape, Text

_FONT = "'Fira Sans', FiraGO, Helvetica, Arial, sans-serif"

#: A millimetre paper: a strong line every 5 mm.
_PAPER = (
    '<pattern id="paper" x="{left:g}" y="{top:g}" width="5" height="5" patternUnits="userSpaceOnUse">'
    f'<path d="M1 0V5M2 0V5M3 0V5M4 0V5M0 1H5M0 2H5M0 3H5M0 4H5" stroke="{Color.GRID}" stroke-width=".12"/>'
    f'<path d="M0 0V5M5 0V5M0 0H5M0 5H5" stroke="{Color.GRID_STRONG}" stroke-width=".2"/></pattern>'
)


def written(drawing: Drawing) -> bytes:
    """The drawing as a standalone SVG document in UTF-8."""
    return "".join(_document(drawing)).encode()


def _document(drawing: Drawing) -> Iterator[str]:
    size = f'width="{drawing.width:g}mm" height="{drawing.height:g}mm"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" version="1.1" role="img"'
    yield f' aria-labelledby="title desc" {size} viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    yield f' font-family="{_FONT}" fill="none" stroke-linejoin="round" stroke-linecap="round">\n'
    yield f'<title id="title">{escape(drawing.title)}</title>\n'
    yield f'<desc id="desc">{escape(drawing.description)}</desc>\n'
    yield f'<rect width="100%" height="100%" fill="{Color.PAPER}"/>\n'
    for number, shape in enumerate(drawing.shapes):
        yield _element(shape, number)
    yield "</svg>\n"


def _element(shape: Shape, number: int) -> str:
    match shape:
        case Line():
            return f'<path stroke="{shape.color}" stroke-width="{shape.width:g}" d="{_path(shape.points)}"/>\n'
        case Text():
            weight = ' font-weight="bold"' if shape.bold else ""
            anchor = "" if shape.anchor is Anchor.START else f' text-anchor="{shape.anchor}"'
            place = f'x="{shape.x:.2f}" y="{shape.y:.2f}" font-size="{shape.size:g}" fill="{shape.color}"'
            return f"<text {place}{anchor}{weight}>{escape(shape.text)}</text>\n"
        case Grid():
            name = f"paper{number}"
            pattern = _PAPER.format(left=shape.left, top=shape.top).replace('"paper"', quoteattr(name))
            sides = f'x="{shape.left:g}" y="{shape.top:g}" width="{shape.width:g}" height="{shape.height:g}"'
            frame = f'stroke="{Color.GRID_STRONG}" stroke-width=".2"'
            return f'<defs>{pattern}</defs><rect {sides} fill="url(#{name})" {frame}/>\n'


def _path(points: Points) -> str:
    """Steps from point to point in hundredths of a millimetre, which do not add up errors."""
    places = np.rint(points * 100).astype(np.int64)
    first, steps = places[0], np.diff(places, axis=0)
    return f"M{_mm(first[0])} {_mm(first[1])}l" + " ".join(f"{_mm(x)} {_mm(y)}" for x, y in steps.tolist())


def _mm(hundredths: int) -> str:
    return f"{hundredths / 100:g}"
