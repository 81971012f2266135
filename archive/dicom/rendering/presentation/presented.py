"""A frame as a softcopy presentation state has it shown (PS3.4 Annex N).

The pixels are transformed and the shutter covers some, then the image is turned, and cut and scaled to the displayed
area. On that, so that lines are thin and text is upright, lie overlays and annotations, layer by layer.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from archive.dicom.errors import NotRenderable
from archive.dicom.images.pixel_cells import Cells
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering import frames
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.presentation.canvas import Canvas
from archive.dicom.rendering.presentation.display_shutter import covered_pixels, shutter_ink
from archive.dicom.rendering.presentation.displayed_area import Display, DisplayedArea
from archive.dicom.rendering.presentation.graphic_annotation import Annotation, annotations
from archive.dicom.rendering.presentation.graphic_layers import graphic_layers
from archive.dicom.rendering.presentation.grayscale_transformations import Stored, gray, pseudo_color, transformed
from archive.dicom.rendering.presentation.mask import check_logarithmic
from archive.dicom.rendering.presentation.overlay_activation import activated
from archive.dicom.rendering.presentation.presentation_state import SOP_INSTANCE_UID, PresentationState
from archive.dicom.rendering.presentation.references import Frame
from archive.dicom.rendering.presentation.spatial_transformation import SpatialTransformation
from archive.dicom.rendering.rasters import Raster
from archive.dicom.rendering.stored_values import stored_values
from archive.dicom.rendering.viewport import WHOLE, Viewport


def render(
    frame: bytes,
    pixels: PixelDescription,
    attributes: Attributes,
    number: int,
    state: PresentationState,
    viewport: Viewport = WHOLE,
    others: Mapping[int, bytes] | None = None,
) -> Raster:
    """A native frame as a presentation state has it, in the shape (rows, columns), or (rows, columns, 3) for RGB.

    Args:
        frame, pixels, attributes, number: of the image, as those of `frames.render`.
        viewport: into which the displayed area is fitted; without a region (WADO-92).
        others: the native frames that `state.others` names, by their numbers.

    Raises:
        NotRenderable: something is of a kind that is not shown, or does not fit together.
        MalformedPixelData, NoCodec: a frame is not as its description says, or too large.
        UnusableViewport: it would be enlarged too far.
    """
    cells = frames.renderable_cells(frame, pixels)
    shown = Frame(attributes.plain_text(SOP_INSTANCE_UID), number)
    columns, rows = pixels.columns, pixels.rows
    area = DisplayedArea.of(state.attributes, shown, columns=columns, rows=rows)
    transformation = SpatialTransformation.of(state.attributes)
    display = Display.of(area, transformation, viewport, columns=columns, rows=rows)
    image = Canvas(_image(frame, cells, pixels, attributes, shown, state, others or {}))
    shutter = covered_pixels(state.attributes, cells, number, area.pixel_aspect)
    if shutter is not None:
        image.fill(shutter, shutter_ink(state.attributes))
    canvas = Canvas(display.shown(image.raster))
    layers = graphic_layers(state.attributes)
    drawn = [*_overlays(state, attributes, cells, number, display), *annotations(state.attributes, shown, display)]
    for layer, draw in sorted(drawn, key=lambda named: layers[named[0]].order):
        draw(canvas, layers[layer].ink)
    return np.ascontiguousarray(canvas.raster)


def _image(
    frame: bytes,
    cells: Cells,
    pixels: PixelDescription,
    attributes: Attributes,
    shown: Frame,
    state: PresentationState,
    others: Mapping[int, bytes],
) -> Raster:
    """The whole frame, in gray or color. A grayscale presentation state of an image in color changes no color."""
    is_gray = pixels.photometric_interpretation.startswith("MONOCHROME")
    if state.is_color if is_gray else state.is_pseudo_color:
        raise NotRenderable(f"The presentation state is not for images that are {pixels.photometric_interpretation}.")
    if not is_gray:
        return frames.render(frame, pixels, attributes, shown.number)
    subtraction = state.subtraction(attributes, shown.number)
    if subtraction:
        check_logarithmic(state.attributes, attributes)
    stored = {number: frames.renderable_cells(other, pixels) for number, other in others.items()}
    stored[shown.number] = cells
    values = {number: stored_values(these, pixels, attributes)[..., 0] for number, these in stored.items()}
    output = pseudo_color(state.attributes) if state.is_pseudo_color else gray(state.attributes)
    with np.errstate(over="ignore", invalid="ignore"):
        return transformed(Stored(values, pixels, attributes), state.attributes, shown, subtraction, output)


def _overlays(
    state: PresentationState, image: Attributes, cells: Cells, number: int, display: Display
) -> Iterator[tuple[str, Annotation]]:
    for layer, overlay in activated(state.attributes, image, cells, number):
        yield layer, _filling(display.shown(overlay))


def _filling(covered: Raster) -> Annotation:
    return lambda canvas, ink: canvas.fill(covered, ink)
