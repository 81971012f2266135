"""Media types and media ranges (RFC 9110 Section 8.3.1, PS3.18 Section 8.7), among them multipart/related (RFC 2387).

Senders quote parameter values or leave them bare, whatever is in them (STOW-07, STOW-08), so a bare value is everything
up to the next semicolon.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

MULTIPART_RELATED = "multipart/related"

_TCHAR = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_ESSENCE = re.compile(rf"[ \t]*({_TCHAR}+)/({_TCHAR}+)[ \t]*")
_PARAMETER = re.compile(rf';[ \t]*(?:({_TCHAR}+)=(?:"((?:[^"\\]|\\.)*+)"|([^";]+)))?[ \t]*')
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class MalformedMediaType(ValueError):
    """The text is no media type."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """`type/subtype; name=value`, or a range of them such as `image/*`.

    Type, subtype and the names of parameters are in lower case, and no name is there twice.
    """

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the value of a Content-Type, or one entry of an Accept header.

        Raises:
            MalformedMediaType: it breaks the grammar, or gives a parameter twice with different values (NEG-16).
        """
        essence = None if _CONTROL.search(text) else _ESSENCE.match(text)
        if essence is None:
            raise MalformedMediaType("This is no media type.")
        type_, subtype = essence[1].lower(), essence[2].lower()
        found = _parameters(text, essence.end())
        if f"{type_}/{subtype}" == MULTIPART_RELATED:
            found = _outside_the_quotes(found)
        parameters: dict[str, str] = {}
        for name, value in found:
            if parameters.setdefault(name, value) != value:
                raise MalformedMediaType(f"The media type has two different values for {name}.")
        return cls(type_, subtype, tuple(parameters.items()))

    @property
    def essence(self) -> str:
        """The type without its parameters: `multipart/related`."""
        return f"{self.type}/{self.subtype}"

    def parameter(self, name: str) -> str | None:
        return next((value for key, value in self.parameters if key == name), None)

    @property
    def root(self) -> "MediaType | None":
        """What the parts of a multipart/related are, with the transfer syntax that stands beside it.

        None where that is not said, or where this is another type.
        """
        kind = self.parameter("type")
        if self.essence != MULTIPART_RELATED or kind is None:
            return None
        type_, _, subtype = kind.partition("/")
        return MediaType(type_, subtype, tuple(pair for pair in self.parameters if pair[0] == "transfer-syntax"))

    def covers(self, essence: str) -> bool:
        """Whether this, read as a range, includes a type (RFC 9110 Section 12.5.1)."""
        type_, _, subtype = essence.lower().partition("/")
        return self.type in ("*", type_) and self.subtype in ("*", subtype)

    def to_header(self) -> str:
        return self.essence + "".join(f"; {name}={_quoted(value)}" for name, value in self.parameters)


def _parameters(text: str, position: int) -> Iterator[tuple[str, str]]:
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            raise MalformedMediaType("The media type has a malformed parameter.")
        name, quoted, bare = match.groups()
        if name:
            yield name.lower(), bare.strip(" \t") if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        position = match.end()


def _outside_the_quotes(parameters: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Some clients send `type="image/jpeg; transfer-syntax=1.2.3"`: they mean both to be parameters of the whole."""
    for name, value in parameters:
        if name == "type":
            root = MediaType.parse(value)
            yield name, root.essence
            yield from root.parameters
        else:
            yield name, value


def _quoted(value: str) -> str:
    """A token as it is, anything else as a quoted-string (RFC 9110 Section 5.6.6)."""
    if re.fullmatch(f"{_TCHAR}+", value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
