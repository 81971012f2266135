"""Presentation states of built images, and what they make of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    ColorSoftcopyPresentationStateStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    PseudoColorSoftcopyPresentationStateStorage,
    generate_uid,
)

from archive.dicom.rendering.presentation.presentation_state import PresentationState
from archive.dicom.rendering.presentation.presented import render
from archive.dicom.rendering.rasters import Raster
from archive.dicom.rendering.viewport import WHOLE, Viewport
from tests.archive.dicom.rendering.shown import attributes_in, item, native_frame
from tests.builders import instance, part10

GRAYSCALE = GrayscaleSoftcopyPresentationStateStorage
COLOR = ColorSoftcopyPresentationStateStorage
PSEUDO_COLOR = PseudoColorSoftcopyPresentationStateStorage


def image(values: np.ndarray, **elements: Any) -> Dataset:
    """An image of these values: gray (rows, columns) or RGB (rows, columns, 3), or frames of gray, 8 or 16 bits."""
    is_color = values.ndim == 3 and values.shape[-1] == 3
    rows, columns = values.shape[:2] if is_color else values.shape[-2:]
    bits = 8 * values.dtype.itemsize
    described: dict[str, Any] = {
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": 3 if is_color else 1,
        "PhotometricInterpretation": "RGB" if is_color else "MONOCHROME2",
        "PlanarConfiguration": 0 if is_color else None,
        "NumberOfFrames": len(values) if values.ndim == 3 and not is_color else None,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(values.dtype.kind == "i"),
        "PixelData": values.tobytes() + b"\0" * (values.nbytes % 2),
    }
    return instance(**described | elements)


def reference(target: Dataset, *frames: int) -> Dataset:
    """An item of a Referenced Image Sequence."""
    named = item(ReferencedSOPClassUID=target.SOPClassUID, ReferencedSOPInstanceUID=target.SOPInstanceUID)
    if frames:
        named.ReferencedFrameNumber = list(frames)
    return named


def series_of(targets: Sequence[Dataset]) -> list[Dataset]:
    """A Referenced Series Sequence with a series for each image."""
    return [
        item(SeriesInstanceUID=target.SeriesInstanceUID, ReferencedImageSequence=[reference(target)])
        for target in targets
    ]


def state_of(*targets: Dataset, sop_class: str = GRAYSCALE, **elements: Any) -> Dataset:
    """A presentation state of these images. Without more elements it changes nothing of eight bits."""
    described: dict[str, Any] = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": targets[0].StudyInstanceUID,
        "SeriesInstanceUID": generate_uid(),
        "Modality": "PR",
        "PatientID": "ID-1",
        "ReferencedSeriesSequence": series_of(targets),
        "PresentationLUTShape": "IDENTITY",
    }
    return item(**described | elements)


def opened(state: Dataset) -> PresentationState:
    return PresentationState.of(attributes_in(part10(state)))


def presented(target: Dataset, state: Dataset, number: int = 1, viewport: Viewport = WHOLE) -> Raster:
    """A frame of an image as the presentation state has it."""
    return presented_files(part10(target), part10(state), number, viewport)


def presented_files(target: bytes, state: bytes, number: int = 1, viewport: Viewport = WHOLE) -> Raster:
    described, found = attributes_in(target), PresentationState.of(attributes_in(state))
    frame, pixels = native_frame(target, number)
    others = {other: native_frame(target, other)[0] for other in found.others(described, number)}
    return render(frame, pixels, described, number, found, viewport, others)


def area(top_left: tuple[int, int], bottom_right: tuple[int, int], **elements: Any) -> Dataset:
    """An item of the Displayed Area Selection Sequence; corners are column, row."""
    described: dict[str, Any] = {
        "DisplayedAreaTopLeftHandCorner": list(top_left),
        "DisplayedAreaBottomRightHandCorner": list(bottom_right),
        "PresentationSizeMode": "SCALE TO FIT",
        "PresentationPixelAspectRatio": [1, 1],
    }
    return item(**described | elements)


def layer(name: str = "ONE", order: int = 1, **elements: Any) -> Dataset:
    """An item of the Graphic Layer Sequence."""
    return item(GraphicLayer=name, GraphicLayerOrder=order, **elements)


def graphic(kind: str, points: Sequence[float], units: str = "PIXEL", **elements: Any) -> Dataset:
    """An item of a Graphic Object Sequence."""
    return item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(points) // 2,
        GraphicData=list(points),
        GraphicType=kind,
        **elements,
    )


def annotation(
    *objects: Dataset, texts: Sequence[Dataset] = (), layer: str = "ONE", targets: Sequence[Dataset] = ()
) -> Dataset:
    """An item of the Graphic Annotation Sequence."""
    found = item(GraphicLayer=layer)
    if targets:
        found.ReferencedImageSequence = list(targets)
    if objects:
        found.GraphicObjectSequence = list(objects)
    if texts:
        found.TextObjectSequence = list(texts)
    return found
