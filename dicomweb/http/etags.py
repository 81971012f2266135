"""Entity tags and the conditions that name them (RFC 9110 Sections 8.8.3 and 13.1)."""

import re
from dataclasses import dataclass
from typing import Self

_TAG = r'(W/)?"([!#-~\x80-\xff]*)"'
#: One tag, or none: an empty element of the list.
_ELEMENT = rf"[ \t]*(?:{_TAG}[ \t]*)?"
_LIST = re.compile(rf"{_ELEMENT}(?:,{_ELEMENT})*")


class MalformedEntityTag(ValueError):
    """The text is no entity tag."""


@dataclass(frozen=True, slots=True)
class EntityTag:
    """`"opaque"`, or `W/"opaque"` when representations with this tag may differ in their bytes."""

    opaque: str
    weak: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        match = re.fullmatch(_TAG, text)
        if match is None:
            raise MalformedEntityTag("This is no entity tag.")
        return cls(match[2], weak=match[1] is not None)

    def to_header(self) -> str:
        return f'{"W/" if self.weak else ""}"{self.opaque}"'


def parse_list(header: str) -> tuple[EntityTag, ...]:
    """The tags of a condition. A date, or anything malformed, names none."""
    if not _LIST.fullmatch(header):
        return ()
    return tuple(EntityTag(opaque, weak=weak != "") for weak, opaque in re.findall(_TAG, header))


def matches(header: str, tag: str) -> bool:
    """Whether If-None-Match names this tag or any: the weak comparison (RFC 9110 Section 8.8.3.2)."""
    current = EntityTag.parse(tag)
    return header.strip() == "*" or any(named.opaque == current.opaque for named in parse_list(header))


def strongly_matches(header: str, tag: str) -> bool:
    """Whether If-Match or If-Range names this tag: the strong comparison, which no weak tag passes."""
    current = EntityTag.parse(tag)
    return header.strip() == "*" or (not current.weak and current in parse_list(header))
