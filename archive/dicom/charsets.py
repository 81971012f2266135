"""Text in the character sets of Specific Character Set: PS3.3 Section C.12.1.1.2, PS3.5 Section 6.1.

Decoding never fails and never warns. What a wrong declaration leaves undecodable is taken as UTF-8, else as Latin-1.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pydicom.charset import CODES_TO_ENCODINGS, default_encoding, python_encoding

_ESC = b"\x1b"
_BEFORE_ESCAPE = re.compile(rb"(?=\x1b)")

#: PS3.5 Section 6.1.2.5.3: the control characters that return to the initial character set in every text.
TEXT_DELIMITERS = b"\r\n\t\f"
#: The same, and the backslash, for attributes that can have several values.
VALUES_DELIMITERS = TEXT_DELIMITERS + b"\\"
#: The same, and the delimiters of components and groups, for person names.
NAME_DELIMITERS = VALUES_DELIMITERS + b"^="

#: PS3.3 Table C.12-5: character sets that know no escape sequences.
_WITHOUT_CODE_EXTENSIONS = frozenset({"utf8", "gb18030", "gbk"})
#: Python's codecs for these read the escape sequence themselves.
_READS_ESCAPES = frozenset({"iso2022_jp", "iso2022_jp_2"})


def _spelling(term: str) -> str:
    """A defined term as the wild spells it: `ISO-IR 100`, `iso_ir_100` and `ISO IR100` are all `ISO_IR 100`."""
    return re.sub("[^A-Z0-9]", "", term.upper())


#: Defined terms of PS3.3 Tables C.12-2 to C.12-5 to Python codecs. The default repertoire is strictly ASCII here.
_CODECS = {
    _spelling(term): "ascii" if codec == default_encoding else codec.lower() for term, codec in python_encoding.items()
} | {"UTF8": "utf8", "ISOIR203": "iso8859_15", "ISO2022IR203": "iso8859_15"}
_CODECS_BY_ESCAPE = CODES_TO_ENCODINGS | {b"\x1b-b": "iso8859_15"}
_ESCAPES = {codec: escape for escape, codec in _CODECS_BY_ESCAPE.items()}
_AT_DELIMITERS = re.compile(r"([\\^=\r\n\t\f])")


class TextDecoder:
    """Decodes text under one value of Specific Character Set."""

    __slots__ = ("_initial",)

    def __init__(self, defined_terms: Sequence[str]) -> None:
        # The others only announce which escape sequences will come, and those speak for themselves.
        self._initial = _CODECS.get(_spelling(defined_terms[0]), "ascii") if defined_terms else "ascii"

    def decode(self, raw: bytes, *, delimiters: bytes = VALUES_DELIMITERS) -> str:
        """All values at once: in some character sets the second byte of a character can look like a backslash."""
        if raw.isascii() and _ESC not in raw:
            return raw.decode("ascii")
        if _ESC in raw and self._initial not in _WITHOUT_CODE_EXTENSIONS:
            try:
                return "".join(self._decode_part(part, delimiters) for part in _BEFORE_ESCAPE.split(raw))
            except UnicodeError:
                return _decode_with_any(raw, ("utf8",))
        return _decode_with_any(raw, (self._initial, "utf8"))

    def _decode_part(self, part: bytes, delimiters: bytes) -> str:
        """Text up to the next escape sequence; after a delimiter the initial character set is back."""
        if not part.startswith(_ESC):
            return part.decode(self._initial)
        escape_length = 4 if part.startswith((b"\x1b$(", b"\x1b$)")) else 3
        codec = _CODECS_BY_ESCAPE.get(part[:escape_length])
        if codec is None:
            raise UnicodeError("unknown escape sequence")
        if codec in _READS_ESCAPES:
            return part.decode(codec)
        text = part[escape_length:]
        if codec == default_encoding:  # ASCII in G0 leaves G1 as it is
            return text.decode(self._initial)
        end = next((index for index, byte in enumerate(text) if byte in delimiters), len(text))
        head, tail = text[:end].decode(codec), text[end:]
        try:
            return head + tail.decode(self._initial)
        except UnicodeError:  # Many senders switch once and not again after each delimiter.
            return head + tail.decode(codec)


def _decode_with_any(raw: bytes, codecs: Iterable[str]) -> str:
    for codec in codecs:
        try:
            return raw.decode(codec)
        except UnicodeError:
            continue
    return raw.decode("latin-1")


@lru_cache(maxsize=256)
def text_decoder(specific_character_set: bytes) -> TextDecoder:
    """The decoder for the raw value of Specific Character Set (0008,0005)."""
    return TextDecoder([term.strip(" \0") for term in specific_character_set.decode("latin-1").split("\\")])


#: The default repertoire, PS3.5 Section 6.1.2.1.
DEFAULT_DECODER = text_decoder(b"")


def encode_text(text: str, specific_character_set: bytes) -> bytes | None:
    """The text, of one or several values, as bytes in this character set; None when that lacks characters of it."""
    terms = specific_character_set.decode("latin-1").split("\\")
    codecs = [_CODECS.get(_spelling(term), "ascii") for term in terms]
    raw = b"".join(_encode_part(part, codecs) for part in _AT_DELIMITERS.split(text))
    is_kept = text_decoder(specific_character_set).decode(raw, delimiters=NAME_DELIMITERS) == text
    return raw if is_kept else None


def _encode_part(part: str, codecs: Sequence[str]) -> bytes:
    """Text between two delimiters, in the first of the codecs that can; nothing when none can."""
    for number, codec in enumerate(codecs):
        escape = b"" if number == 0 or codec in _READS_ESCAPES else _ESCAPES.get(codec, b"")
        try:
            return escape + part.encode(codec)
        except (LookupError, UnicodeError):
            continue
    return b""
