"""Elements of a page. They are made as a tree and written by ElementTree, so that every text in them is escaped."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

Part = Element | str


def element(tag: str, *content: Part, **attributes: str) -> Element:
    """An element with texts and elements in it; `class_` is the attribute `class`. Empty attributes are left out."""
    made = Element(tag, {name.rstrip("_"): value for name, value in attributes.items() if value})
    append(made, content)
    return made


def append(parent: Element, content: Iterable[Part]) -> None:
    """Put texts and elements behind what an element has in it."""
    for part in content:
        if not isinstance(part, str):
            parent.append(part)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + part
        else:
            parent.text = (parent.text or "") + part
