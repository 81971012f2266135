"""Numbers in the addresses of pages."""


def position(text: str) -> int:
    """A position, counted from 1; the first for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
