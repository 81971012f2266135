"""How large text is in an image, and what of it is shown."""

from collections.abc import Iterable
from itertools import islice

#: What is longer is cut: a name may have a megabyte.
MOST_LINES, LONGEST_LINE = 12, 64

SMALLEST, LARGEST = 6, 48
#: A line for so many rows of the image, so that all have room, within what is legible and not obtrusive.
_ROWS_OF_A_LINE = 32
#: Of the size of the font.
LINE_HEIGHT = 1.25


def legible(lines: Iterable[str]) -> list[str]:
    """Without what cannot be seen, such as line breaks, which would begin further lines."""
    shown = ("".join(filter(str.isprintable, line[:LONGEST_LINE])).strip() for line in islice(lines, MOST_LINES))
    return [line for line in shown if line]


def usual_size(rows: int) -> int:
    """Of the font in an image of so many rows."""
    return min(max(rows // _ROWS_OF_A_LINE, SMALLEST), LARGEST)
