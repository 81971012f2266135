"""What a report says, in words: PS3.3 Section C.17 without its codes and nesting of macros."""

from collections.abc import Iterator
from dataclasses import dataclass

CONTAINER = "CONTAINER"

#: Stand where a document is larger than what is shown of it, and before one that is.
NOT_SHOWN = "[…] What follows is not shown."
IS_CUT = "This document is too large to be shown whole: parts of it are left out."

#: Before these, a sentence has no space.
_PUNCTUATION = (".", ",", ";", ":", "!", "?", ")", "]", "、", "。")


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that a report refers to.

    Args:
        kind: what it is, as its SOP Class is named.
        study: empty when the report does not say where the object is; `series` likewise.
        part: frames, segments or channels, when not all of it.
    """

    kind: str
    instance: str
    study: str = ""
    series: str = ""
    part: str = ""

    @property
    def label(self) -> str:
        return f"{self.kind}, {self.part}" if self.part else self.kind


@dataclass(frozen=True, slots=True)
class Table:
    """PS3.3 Section C.18.10. Headings are empty where columns or rows have none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A content item: its name, what it says, and what is said of it.

    Args:
        position: PS3.3 Section C.17.3.2.5, `1.2.1`: the first of the second item of the root.
        relationship: to what it belongs to, in words; empty for CONTAINS.
        text: its value; empty for containers, and where `references`, `table` or `target` has it.
        references: the object, then those that it is to be shown with.
        target: the position of the item that stands here by reference.
        observed: when, if it is said.
        is_prose: the items of a container are parts of sentences (Continuity of Content).
    """

    position: str = ""
    value_type: str = ""
    relationship: str = ""
    name: str = ""
    text: str = ""
    references: tuple[Reference, ...] = ()
    table: Table | None = None
    target: str = ""
    observed: str = ""
    is_prose: bool = False
    items: tuple["Item", ...] = ()

    @property
    def is_container(self) -> bool:
        return self.value_type == CONTAINER

    @property
    def is_phrase(self) -> bool:
        """Whether it can stand in a sentence, with all that is said of it."""
        return not self.is_container and self.table is None and all(item.is_phrase for item in self.items)

    @property
    def space(self) -> str:
        """What comes before it in a sentence."""
        return "" if self.text.startswith(_PUNCTUATION) else " "

    def walk(self) -> Iterator["Item"]:
        """The item and all that are below it, in their order."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the head."""

    name: str
    values: tuple[str | Reference, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A document.

    Args:
        head: whose it is, what it is, and who answers for it.
        targets: the names of the items that others refer to, by their positions.
        is_cut: not all of the document is here.
        language: of the content, as HTML has it; empty when the document does not say.
    """

    title: str
    head: tuple[Field, ...]
    content: Item
    targets: dict[str, str]
    is_cut: bool = False
    language: str = ""

    def target(self, item: Item) -> str:
        """What stands for an item that is there by reference: its name and its position."""
        name = self.targets.get(item.target, "an item that is not in this document")
        return f"{name} [{item.target}]"

    def references(self) -> Iterator[Reference]:
        """All of them, in the head and in the content."""
        for field in self.head:
            yield from (value for value in field.values if isinstance(value, Reference))
        for item in self.content.walk():
            yield from item.references
