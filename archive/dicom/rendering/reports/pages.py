"""Reports as pages: HTML, and the same as XML (PS3.18 Table 8.7.4-1, text category).

A page is whole: it asks for nothing else, and runs nothing.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from archive.dicom.rendering.reports.elements import Part, append, element
from archive.dicom.rendering.reports.report import IS_CUT, Field, Item, Reference, Report, Table

#: The URL of an object, by its study, series and instance; None when there is nothing to see.
Link = Callable[[str, str, str], str | None]

_STYLE = Path(__file__).with_name("page.css").read_text("utf-8")

#: What a browser is to let such a page do: show itself in its own style (Content-Security-Policy).
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)

_DEEPEST_HEADING = 6


def no_link(study: str, series: str, instance: str) -> None:
    """For pages that lead nowhere."""


def html(report: Report, link: Link = no_link) -> str:
    """A complete page."""
    return "<!DOCTYPE html>\n" + tostring(_Page(report, link).html(), "unicode", method="html")


def xml(report: Report, link: Link = no_link) -> bytes:
    """The same page as XHTML."""
    page = _Page(report, link).html()
    page.set("xmlns", "http://www.w3.org/1999/xhtml")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(page, "unicode").encode()


class _Page:
    """A report on its way to being a page."""

    def __init__(self, report: Report, link: Link) -> None:
        self._report, self._link = report, link

    def html(self) -> Element:
        report = self._report
        cut = [element("p", IS_CUT, class_="notice")] if report.is_cut else []
        return element(
            "html",
            element(
                "head",
                element("meta", charset="utf-8"),
                element("meta", name="viewport", content="width=device-width, initial-scale=1"),
                element("title", report.title),
                element("style", _STYLE),
            ),
            element(
                "body",
                element("header", element("h1", report.title, dir="auto"), self._head(report.head), *cut),
                element("main", *self._root(report.content), lang=report.language),
            ),
            lang="en",
        )

    def _root(self, item: Item) -> list[Element]:
        """The content; the name of its root is the title of the page."""
        if not item.is_container:
            return self._blocks([item], 2)
        return [element("div", *self._remarks(item), *self._inside(item, 2), **self._id(item))]

    def _head(self, fields: Iterable[Field]) -> Element:
        lines = element("dl")
        for field in fields:
            values = ([value] if isinstance(value, str) else self._reference(value) for value in field.values)
            append(lines, [element("dt", field.name), *(element("dd", *value, dir="auto") for value in values)])
        return lines

    def _inside(self, item: Item, level: int) -> list[Element]:
        """What belongs to an item; `level` is that of the next heading."""
        return self._prose(item.items, level) if item.is_prose else self._blocks(item.items, level)

    def _blocks(self, items: Iterable[Item], level: int) -> list[Element]:
        """Containers as sections, and what is between them as lists."""
        blocks = []
        for are_containers, run in groupby(items, key=lambda item: item.is_container):
            if are_containers:
                blocks += [self._section(item, level) for item in run]
            else:
                blocks.append(element("ul", *(self._line(item, level) for item in run)))
        return blocks

    def _prose(self, items: Iterable[Item], level: int) -> list[Element]:
        """Sentences, and what cannot stand in them as blocks."""
        blocks = []
        for are_phrases, run in groupby(items, key=lambda item: item.is_phrase):
            if are_phrases:
                blocks.append(element("p", *(part for item in run for part in (item.space, *self._phrase(item)))))
            else:
                blocks += self._blocks(run, level)
        return blocks

    def _section(self, item: Item, level: int) -> Element:
        heading = [element(f"h{min(level, _DEEPEST_HEADING)}", item.name, dir="auto")] if item.name else []
        inside = self._inside(item, level + len(heading))
        return element("section", *self._relationship(item), *heading, *self._remarks(item), *inside, **self._id(item))

    def _line(self, item: Item, level: int) -> Element:
        name: list[Part] = [element("b", item.name, dir="auto"), " "] if item.name else []
        parts = [*self._relationship(item), *name, *self._value(item), *self._remarks(item)]
        return element("li", *parts, *self._inside(item, level), **self._id(item))

    def _phrase(self, item: Item) -> list[Part]:
        """The value of an item, and behind it in parentheses what is said of it."""
        details: list[Part] = []
        for detail in item.items:
            name = f"{detail.name}: " if detail.name else ""
            details += ["; " if details else " (", *self._relationship(detail), name, *self._phrase(detail)]
        value = element("span", *self._value(item), **self._id(item))
        return [value, *self._remarks(item), *details, ")" if details else ""]

    def _value(self, item: Item) -> list[Part]:
        if item.target:
            label = self._report.target(item)
            return [
                element("a", label, href=f"#{_anchor(item.target)}") if item.target in self._report.targets else label
            ]
        value: list[Part] = [element("span", item.text, class_="value", dir="auto")] if item.text else []
        for reference in item.references:
            value += [" with ", *self._reference(reference)] if value else self._reference(reference)
        return [*value, *([_table(item.table)] if item.table else [])]

    def _reference(self, reference: Reference) -> list[Part]:
        where = reference.study, reference.series, reference.instance
        url = self._link(*where) if all(where) else None
        shown = element("a", reference.label, href=url) if url else reference.label
        return [shown, " ", element("code", reference.instance)]

    def _relationship(self, item: Item) -> list[Part]:
        return [element("i", item.relationship), " "] if item.relationship else []

    def _remarks(self, item: Item) -> list[Part]:
        """When an item was observed; its position where others refer to it."""
        marks = [f"observed {item.observed}"] if item.observed else []
        if item.position in self._report.targets:
            marks.append(f"[{item.position}]")
        return [part for mark in marks for part in (" ", element("small", mark))]

    def _id(self, item: Item) -> dict[str, str]:
        return {"id": _anchor(item.position)} if item.position in self._report.targets else {}


def _anchor(position: str) -> str:
    return f"item-{position}"


def _table(table: Table) -> Element:
    headings = element("tr", element("td"), *(element("th", heading, scope="col") for heading in table.columns))
    rows = (
        element("tr", element("th", heading, scope="row"), *(element("td", cell, dir="auto") for cell in cells))
        for heading, cells in table.rows
    )
    return element("table", element("thead", headings), element("tbody", *rows))
