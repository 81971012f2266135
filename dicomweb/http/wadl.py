"""Web Application Description Language: documents as XML and, by the rules of PS3.18 Annex G, as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

WADL_XML = "application/vnd.sun.wadl+xml"
WADL_JSON = "application/json"
NAMESPACE = "http://wadl.dev.java.net/2009/02"

#: PS3.18 Section G.2: the elements that are there once in their parent; all others can be repeated.
UNIQUE = frozenset({"application", "resources", "request"})


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a description; a `text` has only `doc`."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: Sequence["Element"] = ()
    text: str = ""


def doc(text: str) -> Element:
    return Element("doc", text=text)


def to_xml(application: Element) -> bytes:
    root = Element(application.name, {"xmlns": NAMESPACE, **application.attributes}, application.children)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_xml(root, 0))).encode()


def _xml(element: Element, depth: int) -> Iterator[str]:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    opening = f"{'  ' * depth}<{element.name}{attributes}"
    if element.children:
        yield f"{opening}>\n"
        for child in element.children:
            yield from _xml(child, depth + 1)
        yield f"{'  ' * depth}</{element.name}>\n"
    elif element.text:
        yield f"{opening}>{escape(element.text)}</{element.name}>\n"
    else:
        yield f"{opening}/>\n"


def to_json(application: Element) -> dict[str, Any]:
    """An object that `json` can write: one member, `application`."""
    return {application.name: _object(application)}


def _object(element: Element) -> dict[str, Any]:
    written: dict[str, Any] = {f"@{name}": value for name, value in element.attributes.items()}
    if element.text:
        written["value"] = element.text
    for child in element.children:
        if child.name in UNIQUE:
            written[child.name] = _object(child)
        else:
            written.setdefault(child.name, []).append(_object(child))
    return written
