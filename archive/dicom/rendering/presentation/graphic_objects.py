"""Lines and shapes: the Graphic Object Sequence of the Graphic Annotation Module (PS3.3 Section C.10.5.1.2)."""

from collections.abc import Callable

import numpy as np

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.presentation.canvas import Canvas
from archive.dicom.rendering.presentation.coverage import Points
from archive.dicom.rendering.presentation.inks import Ink, ink

GRAPHIC_DATA, GRAPHIC_TYPE, GRAPHIC_FILLED = "00700022", "00700023", "00700024"
LINE_STYLE_SEQUENCE, FILL_STYLE_SEQUENCE = "00700232", "00700233"
PATTERN_ON_COLOR, LINE_THICKNESS, LINE_DASHING_STYLE = "00700251", "00700253", "00700254"

#: Of all that a graphic object may have.
MOST_POINTS = 1 << 16

#: An image of so many rows or columns has lines of one pixel; of larger ones they are thicker, to be as easily seen.
_SIDE_OF_A_PIXEL = 1024
_THICKEST = 64.0
#: In widths of the line: the diameter of a point; a dash and a gap.
_POINT, _DASH, _GAP = 3.0, 6.0, 4.0
_MOST_DASHES = 1000
#: Curves are drawn with so many lines, or so many between two points.
_LINES_AROUND, _LINES_BETWEEN = 256, 16


def draw_graphic(canvas: Canvas, item: Attributes, points: Points, color: Ink) -> None:
    """Draw an item of the sequence.

    Args:
        points: its Graphic Data (number, 2), where they lie on the canvas.
        color: of its layer; the styles of the item go before it.

    Raises:
        NotRenderable: it is of no type that there is, or has not the points that its type needs.
    """
    width = line_width(canvas)
    kind = item.text(GRAPHIC_TYPE)
    if kind not in _OUTLINES:
        raise NotRenderable("Graphic Type (0070,0023) is none of those that there are.")
    least, outline = _OUTLINES[kind]
    if len(points) < least:
        raise NotRenderable(f"A graphic of type {kind} has {len(points)} points (0070,0022).")
    if kind == "POINT":
        canvas.lines([np.repeat(points[:1], 2, axis=0)], width * _POINT, color)
        return
    line = outline(points)
    if item.text(GRAPHIC_FILLED) == "Y" and _is_closed(line):
        canvas.polygon(line, _styled(item, FILL_STYLE_SEQUENCE, color))
    style = item.item(LINE_STYLE_SEQUENCE)
    thickness = style.number(LINE_THICKNESS) if style else None
    width = min(width * thickness, _THICKEST) if thickness and thickness > 0 else width
    is_dashed = style is not None and style.text(LINE_DASHING_STYLE) == "DASHED"
    pieces = _dashes(line, width) if is_dashed else [line]
    canvas.lines(pieces, width, _styled(item, LINE_STYLE_SEQUENCE, color))


def line_width(canvas: Canvas) -> float:
    """Of lines that have no style, in pixels."""
    return max(1.0, max(canvas.width, canvas.height) / _SIDE_OF_A_PIXEL)


def _styled(item: Attributes, key: str, color: Ink) -> Ink:
    style = item.item(key)
    return (ink(style, gray="", cielab=PATTERN_ON_COLOR) if style else None) or color


def _is_closed(line: Points) -> bool:
    return len(line) > 2 and bool(np.allclose(line[0], line[-1], atol=1e-3))


def _circle(points: Points) -> Points:
    """The middle, and a point of the circle."""
    radius = float(np.hypot(*(points[1] - points[0])))
    return _around(points[0], np.array((radius, 0.0)), np.array((0.0, radius)))


def _ellipse(points: Points) -> Points:
    """Both ends of the major axis, then of the minor axis."""
    return _around((points[0] + points[1]) / 2, (points[1] - points[0]) / 2, (points[3] - points[2]) / 2)


def _around(center: Points, one: Points, other: Points) -> Points:
    angles = np.linspace(0, 2 * np.pi, _LINES_AROUND + 1)[:, None]
    curve: Points = center + np.cos(angles) * one + np.sin(angles) * other
    return curve


def _interpolated(points: Points) -> Points:
    """A curve through all points, without corners (a Catmull-Rom spline). PS3.3 leaves open which curve it is."""
    before, after = points[0] * 2 - points[1], points[-1] * 2 - points[-2]
    if _is_closed(points):
        before, after = points[-2], points[1]
    padded = np.vstack((before, points, after))
    zero, one, two, three = (padded[place : len(padded) - 3 + place][:, None] for place in range(4))
    t = np.linspace(0, 1, _LINES_BETWEEN, endpoint=False)[None, :, None]
    curve = one + t * (two - zero) / 2
    curve = curve + t**2 * (zero - 2.5 * one + 2 * two - three / 2) + t**3 * (1.5 * (one - two) + (three - zero) / 2)
    return np.vstack((curve.reshape(-1, 2), points[-1:]))


def _dashes(line: Points, width: float) -> list[Points]:
    """The dashes of a line; the whole of it where there would be very many."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    reached = np.concatenate(([0.0], np.cumsum(steps)))
    period = (_DASH + _GAP) * width
    if not 0 < reached[-1] <= _MOST_DASHES * period:
        return [line]
    dashes = []
    for start in np.arange(0, reached[-1], period):
        stop = min(start + _DASH * width, reached[-1])
        inner = reached[(reached > start) & (reached < stop)]
        places = np.concatenate(([start], inner, [stop]))
        dashes.append(np.stack([np.interp(places, reached, line[:, axis]) for axis in (0, 1)], axis=-1))
    return dashes


#: PS3.3 Section C.10.5.1.2: the points that are needed, and the line that goes through them.
_OUTLINES: dict[str, tuple[int, Callable[[Points], Points]]] = {
    "POINT": (1, lambda points: points),
    "POLYLINE": (2, lambda points: points),
    "INTERPOLATED": (2, _interpolated),
    "CIRCLE": (2, _circle),
    "ELLIPSE": (4, _ellipse),
}
