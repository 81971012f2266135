"""Reports as plain text (PS3.18 Table 8.7.4-1, text category)."""

from collections.abc import Iterator
from itertools import groupby

from archive.dicom.rendering.reports.report import IS_CUT, Item, Reference, Report, Table
from archive.dicom.rendering.words import joined

_INDENT = "  "
_LONGEST_RULE = 72


def text(report: Report) -> str:
    """The title, the head, and the content: what belongs to an item is further to the right."""
    return "\n".join(_Text(report).lines()) + "\n"


class _Text:
    """A report on its way to being lines."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def lines(self) -> Iterator[str]:
        title, root = self._report.title, self._report.content
        yield title
        yield "=" * min(len(title), _LONGEST_RULE)
        for field in self._report.head:
            for value in field.values:
                yield from _indented(f"{field.name}: {value if isinstance(value, str) else _reference(value)}", 0)
        if self._report.is_cut:
            yield from ("", IS_CUT)
        yield ""
        yield from self._root(root)

    def _root(self, item: Item) -> Iterator[str]:
        """The content; the name of its root is the title."""
        if not item.is_container:
            yield from self._line(item, 0)
            return
        if remarks := self._remarks(item):
            yield remarks.strip()
        yield from self._inside(item, 0)

    def _inside(self, item: Item, depth: int) -> Iterator[str]:
        """What belongs to an item: sentences, or a line or more for each."""
        for are_phrases, run in groupby(item.items, key=lambda inner: item.is_prose and inner.is_phrase):
            if are_phrases:
                yield from _indented("".join(inner.space + self._phrase(inner) for inner in run).strip(), depth)
            else:
                for inner in run:
                    yield from self._line(inner, depth)

    def _line(self, item: Item, depth: int) -> Iterator[str]:
        said = joined(": ", item.relationship, item.name, self._value(item)) + self._remarks(item)
        if item.is_container and said:
            yield ""
        if said:
            yield from _indented(said.strip(), depth)
        if item.table:
            yield from (f"{_INDENT * (depth + 1)}{row}" for row in _rows(item.table))
        yield from self._inside(item, depth + bool(said))

    def _phrase(self, item: Item) -> str:
        """The value of an item, and behind it in parentheses what is said of it."""
        details = "; ".join(
            joined(": ", detail.relationship, detail.name, self._phrase(detail)) for detail in item.items
        )
        return self._value(item) + self._remarks(item) + (f" ({details})" if details else "")

    def _value(self, item: Item) -> str:
        if item.target:
            return self._report.target(item)
        return joined(" with ", item.text, *map(_reference, item.references))

    def _remarks(self, item: Item) -> str:
        """When an item was observed; its position where others refer to it."""
        observed = f" (observed {item.observed})" if item.observed else ""
        return observed + (f" [{item.position}]" if item.position in self._report.targets else "")


def _indented(text: str, depth: int) -> Iterator[str]:
    """The lines of a text; those after the first are further to the right."""
    for number, line in enumerate(text.split("\n")):
        yield f"{_INDENT * (depth + bool(number))}{line}".rstrip()


def _reference(reference: Reference) -> str:
    return joined(", ", f"{reference.kind} {reference.instance}".strip(), reference.part)


def _rows(table: Table) -> Iterator[str]:
    lines = (("", *table.columns), *((heading, *cells) for heading, cells in table.rows))
    return (" | ".join(" ".join(cell.split()) for cell in line) for line in lines)
