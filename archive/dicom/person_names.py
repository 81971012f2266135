"""Person names for searching: without case and accents, by any component of any group (PS3.5 Section 6.2.1)."""

import unicodedata

#: Letters that NFKD does not take apart, with what people type for them.
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)


def fold(text: str) -> str:
    """Text without case, accents and width: `Ångström`, `ANGSTROM` and full-width `Ａｎｇｓｔｒｏｍ` fold alike."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(UNDECOMPOSED)


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
