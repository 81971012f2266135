"""What a list shows, as the query of its URL says it: the part that all lists for people have in common."""

from dataclasses import Field, fields, replace
from typing import Any, ClassVar
from urllib.parse import urlencode

#: How many rows a page may have; what is done with those that are selected is done with no more.
ROWS = (25, 50, 100)
MOST_ROWS = max(ROWS)


class ListQuery:
    """A frozen dataclass, whose fields are the parameters of the URL. That leaves out those that have their defaults.

    `sort` is a column, with `-` in front for descending.
    """

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    sort: str
    rows: int
    page: int

    def to_query(self, **changes: object) -> str:
        """The query of the URL, with these changes. Whatever is changed, it is the first page unless that is."""
        changed = replace(self, **({"page": 1} | changes if changes else {}))
        values = {field.name: getattr(changed, field.name) for field in fields(changed)}
        default = type(self)()
        return urlencode({k: v for k, v in values.items() if v != getattr(default, k)}, doseq=True)

    def url(self, path: str) -> str:
        text = self.to_query()
        return f"{path}?{text}" if text else path

    def sorting(self, column: str, *, descending_first: bool = False) -> dict[str, str]:
        """Where a click on the head of a column leads, and how it is sorted now."""
        is_it = self.column == column
        descending = not self.descending if is_it else descending_first
        state = ("descending" if self.descending else "ascending") if is_it else ""
        return {"state": state, "query": self.to_query(sort=f"{'-' if descending else ''}{column}")}

    @property
    def column(self) -> str:
        """What it is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.rows


def sorted_by(text: str, columns: frozenset[str], usual: str) -> str:
    """The order that a URL names, where it is by one of the columns."""
    return text if text.removeprefix("-") in columns and not text.startswith("--") else usual
