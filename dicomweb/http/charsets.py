"""Character sets of answers that are XML (PS3.18 Section 8.8). JSON is UTF-8 and nothing else (RFC 8259 Section 8.1).

A character that a set does not have is written as a reference, so that none is ever lost (XML 1.0 Section 4.1).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """By its IANA name, and by what DICOM calls it (PS3.18 Annex D, PS3.3 Section C.12.1.1.2)."""

    name: str
    defined_term: str


UTF_8 = CharacterSet("UTF-8", "ISO_IR 192")
SUPPORTED = (UTF_8, CharacterSet("ISO-8859-1", "ISO_IR 100"), CharacterSet("US-ASCII", "ISO_IR 6"))

_BY_NAME = {name.lower(): charset for charset in SUPPORTED for name in (charset.name, charset.defined_term)}
_ENTRY = re.compile(
    r'[ \t]*(?:"([^",;]+)"|([^",;]+?))[ \t]*(?:;[ \t]*q=(0(?:\.[0-9]*)?|1(?:\.0*)?)[ \t]*)?', re.IGNORECASE
)


def select(media_type_parameters: Iterable[str], query: str | None, header: str | None) -> CharacterSet:
    """By the order of PS3.18 Section 8.8.5: the accepted media type's `charset`, the query's, then the header's.

    What is not supported is ignored (NEG-13); UTF-8 when nothing is left.
    """
    for acceptable in (media_type_parameters, _by_weight(query), _by_weight(header)):
        for name in acceptable:
            if name.lower() in _BY_NAME:
                return _BY_NAME[name.lower()]
    return UTF_8


def _by_weight(text: str | None) -> Iterator[str]:
    """The names of a list, the heaviest first; those of weight 0, malformed ones and `*` say nothing."""
    entries = [match for entry in (text or "").split(",") if (match := _ENTRY.fullmatch(entry))]
    for match in sorted(entries, key=lambda match: -float(match[3] or 1)):
        if float(match[3] or 1) > 0:
            yield match[1] or match[2]
