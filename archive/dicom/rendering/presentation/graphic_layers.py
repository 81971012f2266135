"""What lies above what, and in which color: the Graphic Layer Module (PS3.3 Section C.10.7)."""

from collections import defaultdict
from dataclasses import dataclass

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.presentation.inks import WHITE, Ink, ink

GRAPHIC_LAYER_SEQUENCE, GRAPHIC_LAYER, GRAPHIC_LAYER_ORDER = "00700060", "00700002", "00700062"
RECOMMENDED_DISPLAY_GRAYSCALE_VALUE, RECOMMENDED_DISPLAY_CIELAB_VALUE = "00700066", "00700401"
#: Retired in 2006; it has P-Values too.
RECOMMENDED_DISPLAY_RGB_VALUE = "00700067"


@dataclass(frozen=True, slots=True)
class GraphicLayer:
    """`order`: layers of higher ones are drawn later."""

    order: float = float("inf")
    ink: Ink = WHITE


def graphic_layers(attributes: Attributes) -> defaultdict[str, GraphicLayer]:
    """The layers by name. One that the module does not have is white, above all others."""
    layers: defaultdict[str, GraphicLayer] = defaultdict(GraphicLayer)
    for item in attributes.items(GRAPHIC_LAYER_SEQUENCE):
        order = item.number(GRAPHIC_LAYER_ORDER)
        layers[item.text(GRAPHIC_LAYER)] = GraphicLayer(float("inf") if order is None else order, _ink(item))
    return layers


def _ink(item: Attributes) -> Ink:
    found = ink(item, gray=RECOMMENDED_DISPLAY_GRAYSCALE_VALUE, cielab=RECOMMENDED_DISPLAY_CIELAB_VALUE)
    if found is not None:
        return found
    values = item.numbers(RECOMMENDED_DISPLAY_RGB_VALUE)
    if len(values) != 3 or not all(0 <= value <= 0xFFFF for value in values):
        return WHITE
    red, green, blue = (round(value / 0xFFFF * 255) for value in values)
    return red, green, blue
