"""Text burnt into a rendered image, after all else (PS3.18 Section 8.3.5.1.1)."""

from collections.abc import Iterable
from itertools import islice

import numpy as np
from PIL import Image, ImageDraw

from archive.dicom.rendering.fonts import font
from archive.dicom.rendering.rasters import Raster

#: What is longer is cut: a name may have a megabyte.
MOST_LINES, LONGEST_LINE = 12, 64

#: A line for so many rows of the image, so that all have room, within what is legible and not obtrusive.
_ROWS_OF_A_LINE = 32
_SMALLEST, _LARGEST = 6, 48
#: Of the size of the font.
_LINE_HEIGHT, _MARGIN = 1.25, 0.5


def annotated(raster: Raster, *, patient: Iterable[str] = (), technique: Iterable[str] = ()) -> Raster:
    """The image with lines on the patient at the top and on the technique at the bottom, white with a black outline.

    The letters become smaller where a line would be longer than the image is wide. Scripts that FiraGO does not have,
    such as Chinese ones, are shown as empty boxes.
    """
    above, below = _legible(patient), _legible(technique)
    if not above and not below:
        return raster
    image = Image.fromarray(raster)
    size = _size([*above, *below], image)
    margin = round(size * _MARGIN)
    _write(image, above, margin, size)
    _write(image, below, image.height - margin - round(len(below) * size * _LINE_HEIGHT), size)
    return np.asarray(image)


def _legible(lines: Iterable[str]) -> list[str]:
    """Without what cannot be seen, such as line breaks, which would begin further lines."""
    shown = ("".join(filter(str.isprintable, line[:LONGEST_LINE])).strip() for line in islice(lines, MOST_LINES))
    return [line for line in shown if line]


def _size(lines: list[str], image: Image.Image) -> int:
    """Of the font with which every line fits, or of the smallest."""
    size = min(max(image.height // _ROWS_OF_A_LINE, _SMALLEST), _LARGEST)
    widest = max(font(size).getlength(line) for line in lines) + 2 * size * _MARGIN
    return max(int(size * min(1, image.width / widest)), _SMALLEST)


def _write(image: Image.Image, lines: list[str], top: int, size: int) -> None:
    draw, left = ImageDraw.Draw(image), round(size * _MARGIN)
    for number, line in enumerate(lines):
        place = (left, top + round(number * size * _LINE_HEIGHT))
        draw.text(place, line, "white", font(size), stroke_width=max(size // 12, 1), stroke_fill="black")
