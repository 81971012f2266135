"""multipart/related as bytes (RFC 2046 Section 5.1, PS3.18 Section 8.6.1.2): a decoder without I/O, and an encoder."""

import re
import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

PART_END = b"\r\n"

#: RFC 2046 Section 5.1.1: up to 70 characters, the last of which is no space.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
#: What follows a boundary in a delimiter: transport padding and the end of the line, or as much of it as is there yet.
#: No sender pads at such length; that there is an end to it bounds what is held back.
_AFTER_BOUNDARY = re.compile(rb"(?P<closing>--)?[ \t]{0,256}(?:(?P<complete>\r\n)|\r?\Z)|-\Z")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_FOLD = re.compile(rb"\r\n[ \t]+")
#: Ways to send a part that leave its bytes alone (RFC 2045 Section 6).
_PLAIN_ENCODINGS = frozenset({"", "binary", "8bit", "7bit", "identity"})


class MalformedMultipart(ValueError):
    """The bytes are no multipart body with this boundary. The message repeats none of them."""


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part begins. The names of its headers are in lower case."""

    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class PartData:
    """More of the payload of the part."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The payload of the part is complete."""


Event = PartStart | PartData | PartEnd


class Decoder:
    """Turns a body, fed in pieces of any size, into its parts. No more than a header block is held back.

    A delimiter is CRLF, `--`, the boundary, padding, CRLF; the CRLF before it is part of it. Anything less is payload.
    """

    def __init__(self, boundary: str, *, max_header_bytes: int = 16 * 1024, max_parts: int = 20_000) -> None:
        """Be ready for the first piece.

        Raises:
            MalformedMultipart: this can be no boundary (STOW-08).
        """
        if not _BOUNDARY.fullmatch(boundary):
            raise MalformedMultipart("The boundary is not 1 to 70 of the characters that a boundary may have.")
        self._delimiter = f"\r\n--{boundary}".encode()
        self._max_header_bytes = max_header_bytes
        self._max_parts = max_parts
        # The delimiter at the very start of the body has no CRLF of its own.
        self._buffer = b"\r\n"
        self._position = 0
        self._ended = False
        self._events = self._decode()

    def feed(self, data: bytes | None) -> Iterator[Event]:
        """What this piece of the body completes; b"" or None is its end, as with `read`. Iterate to the end.

        Raises:
            MalformedMultipart: the body cannot be what it should be, or it ended before its closing delimiter.
        """
        if data:
            self._buffer += data
        else:
            self._ended = True
        for event in self._events:
            if event is None:
                return
            yield event
        self._buffer = b""  # the epilogue (STOW-09)

    def _decode(self) -> Generator[Event | None]:
        """The events of the whole body, and None wherever more of it is needed."""
        closing = yield from self._up_to_delimiter(in_part=False)
        parts = 0
        while not closing:
            parts += 1
            if parts > self._max_parts:
                raise MalformedMultipart(f"The body has more than {self._max_parts} parts.")
            yield PartStart((yield from self._headers()))
            closing = yield from self._up_to_delimiter(in_part=True)
            yield PartEnd()
        if not parts:
            raise MalformedMultipart("The body has no parts.")

    def _up_to_delimiter(self, *, in_part: bool) -> Generator[Event | None, None, bool]:
        """Read up to and including the next delimiter, and tell whether it is the closing one."""
        while True:
            end, after = self._find_delimiter()
            if in_part and end > self._position:
                yield PartData(self._buffer[self._position : end])
            if after and (after["complete"] or (after["closing"] and self._ended)):
                self._position = after.end()
                return after["closing"] is not None
            self._position = end
            yield from self._more()

    def _find_delimiter(self) -> tuple[int, re.Match[bytes] | None]:
        """How much payload there is, and what follows the boundary if a delimiter comes next, complete or not."""
        found = self._buffer.find(self._delimiter, self._position)
        while found >= 0:
            after_boundary = found + len(self._delimiter)
            if after := _AFTER_BOUNDARY.match(self._buffer, after_boundary):
                return found, after
            found = self._buffer.find(self._delimiter, after_boundary)  # that was content (STOW-11)
        # The first bytes of a delimiter can be the last ones that are there.
        near_end = max(self._position, len(self._buffer) - len(self._delimiter) + 1)
        carriage_return = self._buffer.find(b"\r", near_end)
        return carriage_return if carriage_return >= 0 else len(self._buffer), None

    def _headers(self) -> Generator[Event | None, None, dict[str, str]]:
        """Read the header block and the empty line after it; the delimiter's CRLF is the one before its first line."""
        self._position -= len(PART_END)
        while True:
            limit = self._position + len(PART_END) + self._max_header_bytes + len(b"\r\n\r\n")
            end = self._buffer.find(b"\r\n\r\n", self._position, limit)
            if end >= 0:
                block = self._buffer[self._position + len(PART_END) : end]
                self._position = end + len(b"\r\n\r\n")
                return _parse_headers(block)
            if len(self._buffer) >= limit:
                raise MalformedMultipart(f"The headers of a part are longer than {self._max_header_bytes} bytes.")
            yield from self._more()

    def _more(self) -> Generator[None]:
        """Forget what has been read, and wait for the next piece."""
        if self._ended:
            raise MalformedMultipart("The body is truncated: it ends before its closing delimiter.")
        self._buffer = self._buffer[self._position :]
        self._position = 0
        yield None


def _parse_headers(block: bytes) -> dict[str, str]:
    """Headers in any order and case, folded or not (STOW-10); of several with one name the first."""
    headers: dict[str, str] = {}
    for line in _FOLD.sub(b" ", block).split(b"\r\n") if block else ():
        match = _HEADER.fullmatch(line.decode("latin-1"))
        if match is None:
            raise MalformedMultipart("A part has a malformed header.")
        headers.setdefault(match[1].lower(), match[2].rstrip(" \t"))
    return headers


def is_encoded(headers: Mapping[str, str]) -> bool:
    """Whether the payload of a part is not its content as it is."""
    encodings = (headers.get(name, "") for name in ("content-transfer-encoding", "content-encoding"))
    return any(encoding.lower() not in _PLAIN_ENCODINGS for encoding in encodings)


def new_boundary() -> str:
    """A boundary that no payload has in it: 128 random bits (MP-08)."""
    return secrets.token_hex(16)


def part_header(boundary: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """What goes before a payload; PART_END goes after it. Simple clients need Content-Type first, spelled like that."""
    lines = [f"{name}: {value}" for name, value in headers]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header has a line break in it")
    return "\r\n".join((f"--{boundary}", *lines, "", "")).encode("ascii")


def closing(boundary: str) -> bytes:
    """What goes after the last part."""
    return f"--{boundary}--\r\n".encode("ascii")


def content_length(boundary: str, parts: Iterable[tuple[Iterable[tuple[str, str]], int]]) -> int:
    """The length of a body of parts, each given as its headers and the length of its payload."""
    return len(closing(boundary)) + sum(
        len(part_header(boundary, headers)) + length + len(PART_END) for headers, length in parts
    )
