"""What a label can be called, and when two names are those of one label."""

import unicodedata

from archive.errors import MalformedLabel

LONGEST = 40
#: A letter becomes up to three when it is folded.
LONGEST_KEY = 3 * LONGEST


def clean(text: str) -> str:
    """The name that somebody means who types this.

    Raises:
        MalformedLabel: it is no name.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise MalformedLabel(LONGEST)
    return name


def key(name: str) -> str:
    """The same for all spellings of one name in capitals and small letters."""
    return name.casefold()
