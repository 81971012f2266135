"""How large text is in an image, and what of it is shown."""

from collections.abc import Iterable
from itertools import islice

from archive.dicom.rendering.words import one_line

#: What is more is cut.
MOST_LINES = 12

SMALLEST, LARGEST = 6, 48
#: A line for so many rows of the image, so that all have room, within what is legible and not obtrusive.
_ROWS_OF_A_LINE = 32
#: Of the size of the font.
LINE_HEIGHT = 1.25


def legible(lines: Iterable[str]) -> list[str]:
    """Those in which there is something to see, without line breaks, which would begin further lines."""
    return [line for text in islice(lines, MOST_LINES) if (line := one_line(text))]


def usual_size(rows: int) -> int:
    """Of the font in an image of so many rows."""
    return min(max(rows // _ROWS_OF_A_LINE, SMALLEST), LARGEST)
