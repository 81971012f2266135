"""Character sets of answers that are XML (PS3.18 Section 8.8). JSON is UTF-8 and nothing else (RFC 8259 Section 8.1).

A character that a set does not have is written as a reference, so that none is ever lost (XML 1.0 Section 4.1).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """By its IANA name, and by what DICOM calls it (PS3.18 Annex D, PS3.3 Section C.12.1.1.2)."""

    name: str
    defined_term: str


UTF_8 = CharacterSet("UTF-8", "ISO_IR 192")
SUPPORTED = (UTF_8, CharacterSet("ISO-8859-1", "ISO_IR 100"), CharacterSet("US-ASCII", "ISO_IR 6"))

_BY_NAME = {name.lower(): charset for charset in SUPPORTED for name in (charset.name, charset.defined_term)}
_WEIGHT = re.compile(r"[ \t]*q=(0(?:\.[0-9]*)?|1(?:\.0*)?)", re.IGNORECASE)


def select(media_type_parameters: Iterable[str], query: str | None, header: str | None) -> CharacterSet:
    """By the order of PS3.18 Section 8.8.5: the accepted media type's `charset`, the query's, then the header's.

    What is not supported is ignored (NEG-13); UTF-8 when nothing is left.
    """
    for acceptable in (media_type_parameters, _by_weight(query), _by_weight(header)):
        for name in acceptable:
            if name.lower() in _BY_NAME:
                return _BY_NAME[name.lower()]
    return UTF_8


def _by_weight(text: str | None) -> list[str]:
    """The names of a list, the heaviest first; those of weight 0 and those of none are left out."""
    entries = [entry.partition(";") for entry in (text or "").split(",")]
    weighed = [(_weight(weight), name.strip(' \t"')) for name, _, weight in entries]
    return [name for weight, name in sorted(weighed, key=itemgetter(0), reverse=True) if weight > 0]


def _weight(text: str) -> float:
    """1 when nothing is said, 0 when what is said is no weight."""
    match = _WEIGHT.fullmatch(text.rstrip(" \t"))
    return float(match[1]) if match else float(not text.strip())
