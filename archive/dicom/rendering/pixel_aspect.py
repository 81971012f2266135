"""How tall pixels are for their width, as the data set says: PS3.3 Sections 10.7.1.3 and C.7.6.3.1.7."""

from collections.abc import Sequence
from itertools import chain

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.functional_groups import PIXEL_MEASURES, macro

PIXEL_SPACING, PIXEL_ASPECT_RATIO = "00280030", "00280034"
IMAGER_PIXEL_SPACING, NOMINAL_SCANNED_PIXEL_SPACING = "00181164", "00182010"

#: In the order in which they are believed: the ratio is for images that have no spacing. All say first how far it is
#: from row to row, and then from column to column.
_KEYS = (PIXEL_SPACING, IMAGER_PIXEL_SPACING, NOMINAL_SCANNED_PIXEL_SPACING, PIXEL_ASPECT_RATIO)

#: The pixels of tomograms of the eye are some ten times as wide as they are tall. What is stretched more is an error.
_MOST = 32


def pixel_aspect(attributes: Attributes, number: int = 1) -> float:
    """The height of the pixels of a frame, counted from 1, for their width; 1 where nothing of sense is said."""
    measures = macro(attributes, PIXEL_MEASURES, number).numbers(PIXEL_SPACING)
    given = chain((measures,), map(attributes.numbers, _KEYS))
    return next(filter(None, (ratio(numbers, most=_MOST) for numbers in given)), 1.0)


def ratio(numbers: Sequence[float], *, most: float) -> float | None:
    """The first of two numbers for the second; None where it is no ratio, or above `most`, one way or the other."""
    if len(numbers) != 2 or not min(numbers) > 0:
        return None
    found = numbers[0] / numbers[1]
    return found if 1 / most <= found <= most else None
