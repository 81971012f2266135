"""Text in a box, or at a point: the Text Object Sequence of the Graphic Annotation Module (PS3.3 Section C.10.5)."""

from dataclasses import dataclass

import numpy as np

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.fonts import font
from archive.dicom.rendering.lettering import LARGEST, LINE_HEIGHT, SMALLEST, legible, usual_size
from archive.dicom.rendering.presentation.canvas import Canvas
from archive.dicom.rendering.presentation.coverage import Points
from archive.dicom.rendering.presentation.graphic_objects import line_width
from archive.dicom.rendering.presentation.inks import Ink, ink

UNFORMATTED_TEXT_VALUE, JUSTIFICATION, ANCHOR_POINT_VISIBILITY = "00700006", "00700012", "00700015"
TEXT_STYLE_SEQUENCE, TEXT_COLOR = "00700231", "00700241"

#: What of the room beside a line is left of it.
_JUSTIFICATIONS = {"LEFT": 0.0, "CENTER": 0.5, "RIGHT": 1.0}
#: Of the size of the font: how far from a point that is not in a box text begins.
_DISTANCE = 0.5


@dataclass(frozen=True, slots=True)
class Box:
    """A box on the canvas, in its pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the box that is nearest to another."""
        return min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)


def draw_text(
    canvas: Canvas, item: Attributes, box: Box | None, anchor: tuple[float, float] | None, color: Ink
) -> None:
    """Draw an item of the sequence: upright, however the image is turned.

    In its box the text is as large as fits; but never so small that nobody could read it. A visible anchor has a line
    from the box to it.

    Args:
        color: of its layer; the style of the item goes before it.
    """
    style = item.item(TEXT_STYLE_SEQUENCE)
    color = (ink(style, gray="", cielab=TEXT_COLOR) if style else None) or color
    if box and anchor and item.text(ANCHOR_POINT_VISIBILITY) == "Y":
        canvas.lines([np.array((box.nearest(*anchor), anchor))], line_width(canvas), color)
    lines = legible(item.plain_text(UNFORMATTED_TEXT_VALUE).splitlines())
    if not lines or not (box or anchor):
        return
    size = _size(canvas, lines, box)
    widths = [font(size).getlength(line) for line in lines]
    if box:
        share = _JUSTIFICATIONS.get(item.text(JUSTIFICATION), 0.0)
        lefts = [box.left + (box.width - width) * share for width in widths]
        canvas.write(list(zip(lines, lefts, strict=True)), box.top, size, color)
    elif anchor:
        left = min(anchor[0] + size * _DISTANCE, canvas.width - max(widths))
        top = min(anchor[1] - size * LINE_HEIGHT / 2, canvas.height - len(lines) * size * LINE_HEIGHT)
        canvas.write([(line, max(left, 0)) for line in lines], max(top, 0), size, color)


def box_around(corners: Points) -> Box:
    """The box of two corners, whichever they are."""
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Box(left, top, right, bottom)


def _size(canvas: Canvas, lines: list[str], box: Box | None) -> int:
    usual = usual_size(canvas.height)
    if box is None:
        return usual
    wide = max(font(LARGEST).getlength(line) for line in lines) / LARGEST
    fitting = min(box.width / wide, (box.bottom - box.top) / (len(lines) * LINE_HEIGHT), LARGEST)
    return max(int(fitting), usual // 2, SMALLEST)
