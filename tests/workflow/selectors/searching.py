"""Searches for workitems as the view makes them, in few words."""

from collections.abc import Sequence
from typing import Any

from archive.dicom.matching.attribute_paths import AttributePath, attribute_path
from archive.dicom.matching.query_keys import LITERAL, Reading
from workflow.selectors.keys import read_keys
from workflow.selectors.search import Query, SearchResult, search


def path(name: str) -> AttributePath:
    found = attribute_path(name)
    assert found, name
    return found


def find(
    keys: dict[str, str | Sequence[str]] | None = None,
    *,
    include: Sequence[str] = (),
    reading: Reading = LITERAL,
    **page: Any,
) -> SearchResult:
    """What a search finds for keys by their names."""
    values = {
        path(name): (value,) if isinstance(value, str) and value else tuple(value)
        for name, value in (keys or {}).items()
    }
    read, ignored = read_keys(values, reading)
    assert not ignored
    return search(Query(read, include=[path(name) for name in include], **page))


def found(keys: dict[str, str | Sequence[str]] | None = None, **options: Any) -> list[str]:
    """The UIDs of what is found, in order."""
    return [data_set["00080018"]["Value"][0] for data_set in find(keys, **options).data_sets]
