"""Values that people write into URLs and forms: what cannot be read is nothing, never refused."""

import re

#: Longer values are cut.
LONGEST = 100

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def clean(value: str, longest: int = LONGEST) -> str:
    """A text on one line."""
    return " ".join(_CONTROL.sub(" ", value).split())[:longest].strip()


def number(text: str, *, digits: int = 9) -> int:
    """A whole number of up to so many digits, else 0."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else 0


def position(text: str) -> int:
    """A position, counted from 1; the first for what is none."""
    return number(text) or 1


def primary_key(text: str) -> int:
    """One that a row can have, else 0, which none has."""
    return number(text, digits=18)
