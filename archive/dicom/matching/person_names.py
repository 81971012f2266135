"""Person names for searching: without case and accents, by any component of any group (PS3.5 Section 6.2.1)."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from doublemetaphone import doublemetaphone

#: PS3.18 Table F.2.3-1: the component groups of a person name, in their order in a value.
GROUPS = ("Alphabetic", "Ideographic", "Phonetic")

#: Letters that NFKD does not take apart, with what people type for them.
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)

#: What sounds: a single letter is an initial, which stands for many sounds.
_SPOKEN = re.compile(r"[a-z]'?[a-z][a-z']*")


def fold(text: str) -> str:
    """Text without case, accents and width: `Ångström`, `ANGSTROM` and full-width `Ａｎｇｓｔｒｏｍ` fold alike."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(UNDECOMPOSED)


def text_of(value: Any) -> str:
    """A value of the DICOM JSON Model as PS3.5 writes it: `Yamada^Tarou=山田^太郎`."""
    if not isinstance(value, dict):
        return str(value)
    return "=".join(str(value.get(group, "")) for group in GROUPS).rstrip("=")


def search_keys(name: str) -> frozenset[str]:
    """Every text under which a name is found: each group whole, each of its components, each word of those.

    >>> sorted(search_keys("Yamada^Tarou=山田^太郎"))
    ['tarou', 'yamada', 'yamada^tarou', '太郎', '山田', '山田^太郎']
    """
    keys = set()
    for group in name.split("="):
        folded = fold(group).strip(" ^")
        keys.add(folded)
        for component in folded.split("^"):
            keys.add(component.strip())
            keys.update(component.split())
    return frozenset(keys - {""})


def sort_key(name: str) -> str:
    """What names are sorted by: the first component group that has something, folded.

    >>> sort_key("Müller^Jörg=穆勒"), sort_key("=山田^太郎")
    ('muller jorg', '山田 太郎')
    """
    groups = (" ".join(fold(group).replace("^", " ").split()) for group in name.split("="))
    return next(filter(None, groups), "")


def sounds(name: str) -> frozenset[str]:
    """How the words of a name in Latin letters sound, in the codes of Double Metaphone: one or two for each word.

    >>> sorted(sounds("Schmidt")), sorted(sounds("Smith"))
    (['SMT', 'XMT'], ['SM0', 'XMT'])
    """
    return frozenset(code for part in spoken_parts(name) for code in _codes(part))


def spoken_parts(name: str) -> list[str]:
    """What of a name has a sound: `Smith-Jones^J=山田` are two."""
    return _SPOKEN.findall(fold(name))


def sounds_of_word(key: str) -> list[str]:
    """How a key of a name sounds that is one word; the sounds of all words are those of the name."""
    return sorted(sounds(key)) if len(key.split()) == 1 and "^" not in key else []


@lru_cache(maxsize=8192)
def _codes(word: str) -> tuple[str, ...]:
    return tuple(filter(None, doublemetaphone(word)))
