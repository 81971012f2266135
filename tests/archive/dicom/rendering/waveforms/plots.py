"""What is seen in a plot."""

from xml.etree import ElementTree as ET

import numpy as np

from archive.dicom.rendering.rasters import Raster
from archive.dicom.rendering.waveforms.drawings import Color, Drawing, Grid, Line, Text
from archive.dicom.rendering.waveforms.raster import RESOLUTION

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.shapes if isinstance(shape, Text)]


def grids(drawing: Drawing) -> list[Grid]:
    return [shape for shape in drawing.shapes if isinstance(shape, Grid)]


def curves(drawing: Drawing) -> list[Line]:
    """The lines that are none of paper, frames or pulses: those with many points."""
    return [shape for shape in drawing.shapes if isinstance(shape, Line) and len(shape.points) > 10]


def lines(drawing: Drawing, color: Color) -> list[Line]:
    return [shape for shape in drawing.shapes if isinstance(shape, Line) and shape.color is color]


def ink(raster: Raster, x: float, top: float, bottom: float) -> tuple[float, float]:
    """Where black begins and ends at `x`, between `top` and `bottom`; all in millimetres."""
    first = round(top * RESOLUTION)
    column = raster[first : round(bottom * RESOLUTION), round(x * RESOLUTION)]
    dark = np.flatnonzero((column < 110).all(axis=1)) + first
    return dark.min() / RESOLUTION, (dark.max() + 1) / RESOLUTION


def parsed(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)


def text_of(svg: ET.Element, name: str) -> str:
    return svg.findtext(SVG + name) or ""
