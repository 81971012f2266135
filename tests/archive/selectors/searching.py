"""Searches as a view makes them, in few words."""

from collections.abc import Sequence
from typing import Any

from archive.dicom.matching.attribute_paths import AttributePath, attribute_path, with_creators
from archive.dicom.matching.query_keys import LITERAL, Reading
from archive.queryable import Level
from archive.selectors.keys import read_keys
from archive.selectors.search import Query, SearchResult, search

STUDY, SERIES, INSTANCE = Level.STUDY, Level.SERIES, Level.INSTANCE
UIDS = {STUDY: "0020000D", SERIES: "0020000E", INSTANCE: "00080018"}


def url(*uids: str) -> str:
    return "/".join(("https://pacs.example", *uids))


def path(name: str) -> AttributePath:
    found = attribute_path(name)
    assert found, name
    return found


def find(
    level: Level,
    keys: dict[str, str] | None = None,
    *,
    include: Sequence[str] = (),
    reading: Reading = LITERAL,
    **scope: Any,
) -> SearchResult:
    """What a search finds; a private attribute has its creator in the values of `creators`."""
    values = {path(name): (value,) if value else () for name, value in (keys or {}).items()}
    creators = {path(name): (value,) for name, value in scope.pop("creators", {}).items()}
    read, ignored = read_keys(
        level, {with_creators(asked, creators): texts for asked, texts in values.items()}, reading
    )
    assert not ignored
    included = [with_creators(path(name), creators) for name in include]
    return search(Query(level, read, include=included, **scope), url)


def found(level: Level, keys: dict[str, str] | None = None, **scope: Any) -> list[str]:
    """The UIDs of what is found, in order."""
    return [data_set[UIDS[level]]["Value"][0] for data_set in find(level, keys, **scope).data_sets]


def one(level: Level, keys: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    """The data set of the only match."""
    (data_set,) = find(level, keys, **options).data_sets
    return data_set


def values(data_set: dict[str, Any]) -> dict[str, Any]:
    return {tag: element.get("Value") for tag, element in data_set.items()}
