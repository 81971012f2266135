"""The query of a URL in its components (PS3.18 Section 8.3), those of them that are keys, and numbers."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from archive.dicom.matching.attribute_paths import AttributePath, attribute_path, creators_of, name_of, with_creators

#: Beyond any number of results or events; longer numbers mean the same.
UNLIMITED = 10**15

#: So many parameters, and values of all of them together, are read from one query.
MOST_PARAMETERS = 1000


class MalformedParameters(ValueError):
    """A query breaks the syntax of PS3.18 Section 8.3. The message repeats none of its values."""


def components(query_string: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each parameter with its values; empty components say nothing (QIDO-25).

    Raises:
        MalformedParameters: it is not percent-encoded UTF-8, or there are too many.
    """
    total = 0
    for component in filter(None, query_string.split("&")):
        name, _, raw = component.partition("=")
        values = raw.split(",")
        total += max(len(values), raw.upper().count("%2C") + 1)
        if total > MOST_PARAMETERS:
            raise MalformedParameters(f"The query has more than {MOST_PARAMETERS} parameters and values.")
        yield _decoded(name), tuple(value for text in values if (value := _decoded(text)))


def _decoded(text: str) -> str:
    """Percent-encoded UTF-8 (QIDO-14); `+` is a space, as HTML forms and most client libraries send it."""
    try:
        decoded = unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedParameters("The query is not percent-encoded UTF-8.") from error
    if "\0" in decoded:
        raise MalformedParameters("The query has a NUL in it.")
    return decoded


def number(name: str, text: str) -> int:
    """The number that a parameter has as its value.

    Raises:
        MalformedParameters: it is none.
    """
    if not re.fullmatch(r"[0-9]+", text):
        raise MalformedParameters(f"The {name} is not a number.")
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) < len(str(UNLIMITED)) else UNLIMITED


def keys(query_string: str) -> dict[AttributePath, tuple[str, ...]]:
    """The values of each key of a query that consists of keys, each an attribute that PS3.6 or the query knows.

    Raises:
        MalformedParameters: a parameter is not an attribute or is repeated, or `components` raises it.
        MalformedAttribute: an attribute is malformed.
    """
    values: dict[AttributePath, tuple[str, ...]] = {}
    for name, texts in components(query_string):
        path = attribute_path(name)
        if path is None:
            raise MalformedParameters("A name in the query is no attribute.")
        if path in values:
            raise MalformedParameters(f"The query gives {name_of(path)} more than once.")
        values[path] = texts
    matches = {with_creators(path, values): texts for path, texts in values.items()}
    creators = {creator for path in matches for creator in creators_of(path)}
    return {path: texts for path, texts in matches.items() if path not in creators}
