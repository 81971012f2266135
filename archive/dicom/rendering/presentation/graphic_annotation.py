"""Graphics and text over an image: the Graphic Annotation Module (PS3.3 Section C.10.5)."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.presentation.canvas import Canvas
from archive.dicom.rendering.presentation.coverage import Points
from archive.dicom.rendering.presentation.displayed_area import Display
from archive.dicom.rendering.presentation.graphic_layers import GRAPHIC_LAYER
from archive.dicom.rendering.presentation.graphic_objects import GRAPHIC_DATA, MOST_POINTS, draw_graphic
from archive.dicom.rendering.presentation.inks import Ink
from archive.dicom.rendering.presentation.references import Frame, items_for
from archive.dicom.rendering.presentation.text_objects import box_around, draw_text

GRAPHIC_ANNOTATION_SEQUENCE, TEXT_OBJECT_SEQUENCE, GRAPHIC_OBJECT_SEQUENCE = "00700001", "00700008", "00700009"
BOUNDING_BOX_UNITS, ANCHOR_POINT_UNITS, GRAPHIC_UNITS = "00700003", "00700004", "00700005"
TOP_LEFT_HAND_CORNER, BOTTOM_RIGHT_HAND_CORNER, ANCHOR_POINT = "00700010", "00700011", "00700014"

#: Of a frame: each takes its time.
_MOST_OBJECTS = 4096

#: Of the display; farther away, points are as good as anywhere.
_FARTHEST = 1 << 20

#: Draws in the color of a layer.
Annotation = Callable[[Canvas, Ink], None]


def annotations(attributes: Attributes, frame: Frame, display: Display) -> Iterator[tuple[str, Annotation]]:
    """The layer of each graphic and text of a frame, and what draws it.

    Compound graphics are left out: each has its graphics and texts in the same item (PS3.3 Section C.10.5.1.3).

    Raises:
        NotRenderable: while reading, at one that is not as it should be, or more than a frame can have.
    """
    count = 0
    for item in items_for(attributes, GRAPHIC_ANNOTATION_SEQUENCE, frame):
        layer = item.text(GRAPHIC_LAYER)
        drawn = [*item.items(GRAPHIC_OBJECT_SEQUENCE), *item.items(TEXT_OBJECT_SEQUENCE)]
        count += len(drawn)
        if count > _MOST_OBJECTS:
            raise NotRenderable(f"More than {_MOST_OBJECTS} annotations of a frame are not rendered.")
        yield from ((layer, _graphic(graphic, display)) for graphic in item.items(GRAPHIC_OBJECT_SEQUENCE))
        yield from ((layer, _text(text, display)) for text in item.items(TEXT_OBJECT_SEQUENCE))


def _graphic(item: Attributes, display: Display) -> Annotation:
    points = _points(item, (GRAPHIC_DATA,), item.text(GRAPHIC_UNITS), display)
    if points is None:
        raise NotRenderable("A graphic has no points (0070,0022).")
    return lambda canvas, ink: draw_graphic(canvas, item, points, ink)


def _text(item: Attributes, display: Display) -> Annotation:
    corners = _points(item, (TOP_LEFT_HAND_CORNER, BOTTOM_RIGHT_HAND_CORNER), item.text(BOUNDING_BOX_UNITS), display)
    anchors = _points(item, (ANCHOR_POINT,), item.text(ANCHOR_POINT_UNITS), display)
    box = None if corners is None or len(corners) != 2 else box_around(corners)
    anchor = None if anchors is None else (float(anchors[0, 0]), float(anchors[0, 1]))
    return lambda canvas, ink: draw_text(canvas, item, box, anchor, ink)


def _points(item: Attributes, keys: tuple[str, ...], units: str, display: Display) -> Points | None:
    """Where the points under these keys lie on the display; None where there are none."""
    numbers = [number for key in keys for number in item.numbers(key)]
    if not numbers:
        return None
    if len(numbers) % 2 or len(numbers) > 2 * MOST_POINTS or not np.isfinite(numbers).all():
        raise NotRenderable(f"The points of an annotation ({item.path}{keys[0]}) are no pairs of numbers, or too many.")
    place = _PLACES.get(units)
    if place is None:
        raise NotRenderable("Annotations are rendered in the units PIXEL and DISPLAY.")
    moved = partial(place, display)
    return np.clip([moved(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)], -_FARTHEST, _FARTHEST)


#: PS3.3 Section C.10.5: the units whose places are known for a frame by itself.
_PLACES = {"PIXEL": Display.point, "DISPLAY": Display.fraction}
