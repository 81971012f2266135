"""Text burnt into a rendered image, after all else (PS3.18 Section 8.3.5.1.1)."""

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw

from archive.dicom.rendering.fonts import font
from archive.dicom.rendering.lettering import LINE_HEIGHT, SMALLEST, legible, usual_size
from archive.dicom.rendering.rasters import Raster

#: Of the size of the font.
_MARGIN = 0.5


def annotated(raster: Raster, *, patient: Iterable[str] = (), technique: Iterable[str] = ()) -> Raster:
    """The image with lines on the patient at the top and on the technique at the bottom, white with a black outline.

    The letters become smaller where a line would be longer than the image is wide. Scripts that FiraGO does not have,
    such as Chinese ones, are shown as empty boxes.
    """
    above, below = legible(patient), legible(technique)
    if not above and not below:
        return raster
    image = Image.fromarray(raster)
    size = _size([*above, *below], image)
    margin = round(size * _MARGIN)
    _write(image, above, margin, size)
    _write(image, below, image.height - margin - round(len(below) * size * LINE_HEIGHT), size)
    return np.asarray(image)


def _size(lines: list[str], image: Image.Image) -> int:
    """Of the font with which every line fits, or of the smallest."""
    size = usual_size(image.height)
    widest = max(font(size).getlength(line) for line in lines) + 2 * size * _MARGIN
    return max(int(size * min(1, image.width / widest)), SMALLEST)


def _write(image: Image.Image, lines: list[str], top: int, size: int) -> None:
    draw, left = ImageDraw.Draw(image), round(size * _MARGIN)
    for number, line in enumerate(lines):
        place = (left, top + round(number * size * LINE_HEIGHT))
        draw.text(place, line, "white", font(size), stroke_width=max(size // 12, 1), stroke_fill="black")
