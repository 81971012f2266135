"""Values that people write into URLs and forms: what cannot be read is nothing, never refused."""

import re

#: Longer values are cut.
LONGEST = 100

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def clean(value: str, longest: int = LONGEST) -> str:
    """A text on one line."""
    return " ".join(_CONTROL.sub(" ", value).split())[:longest].strip()


def number(text: str) -> int:
    """A whole number of up to nine digits, else 0."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
