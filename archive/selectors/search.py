"""Search (PS3.18 Section 10.6): which studies, series or instances meet the keys of a query, a page at a time.

The last field of every order is unique, so that pages neither overlap nor skip (QIDO-71).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from archive import queryable
from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.attribute_paths import AttributePath
from archive.models import Instance, Series, Study
from archive.queryable import Level
from archive.selectors.conditions import conditions
from archive.selectors.keys import SearchKeys
from archive.selectors.metadata import BATCH, RetrieveURL
from archive.selectors.results import IDENTITY, Row, Selection, data_sets
from archive.selectors.scan import scan

#: Studies newest first, the others by what they belong to and their number; each follows an index, at least at first.
ORDERS: Mapping[Level, tuple[str, ...]] = {
    Level.STUDY: ("-study_date", "-id"),
    Level.SERIES: ("study_id", "series_number", "id"),
    Level.INSTANCE: ("series_id", "instance_number", "id"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for.

    Args:
        keys: what to match, as `read_keys` gives it.
        study, series: the UIDs in the path of a hierarchical search (QIDO-07).
        include: attributes to return besides the usual ones; `include_all`: all that this level and those above have.
        limit: None for as many as the archive answers with at once.
    """

    level: Level
    keys: SearchKeys
    study: str | None = None
    series: str | None = None
    include: Collection[AttributePath] = ()
    include_all: bool = False
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page: how many matches it has, their data sets, and how many more matches follow."""

    count: int
    data_sets: Iterator[DataSet]
    remaining: int


def search(query: Query, url: RetrieveURL) -> SearchResult:
    """The page of matches that the query asks for; `url` gives the Retrieve URL for the UIDs of a match.

    Raises:
        SearchTooBroad: the keys without columns would have to be matched against too much metadata.
    """
    selection = _selection(query)
    most = settings.ARCHIVE_MAX_RESULTS
    page = slice(query.offset, query.offset + (most if query.limit is None else min(query.limit, most)))
    found = _found(query).order_by(*ORDERS[query.level])
    if left := query.keys.left_to_metadata:
        pks = scan(query.level, found, left, query.keys.timezone)
        rows, remaining = _rows(query.level, found, selection.fields, pks[page]), max(len(pks) - page.stop, 0)
    else:
        rows, remaining = _page(found, selection.fields, page)
    return SearchResult(len(rows), data_sets(selection, rows, url), remaining)


def _selection(query: Query) -> Selection:
    above = Level.PATIENT if query.study is None else Level.SERIES if query.series is None else Level.INSTANCE
    return Selection.of(
        query.level,
        whole=[level for level in Level if above <= level <= query.level],
        keys=query.keys.asked,
        include=query.include,
        everything=query.include_all,
    )


def _found(query: Query) -> QuerySet[Any, Any]:
    models: Mapping[Level, QuerySet[Any, Any]] = {
        Level.STUDY: Study.objects.all(),
        Level.SERIES: Series.objects.all(),
        Level.INSTANCE: Instance.objects.all(),
    }
    scope = {Level.STUDY: query.study, Level.SERIES: query.series}
    uids = {
        f"{queryable.owner(query.level, level)}__{level.name.lower()}_instance_uid": uid
        for level, uid in scope.items()
        if uid is not None
    }
    return models[query.level].filter(*conditions(query.level, query.keys), **uids)


def _page(found: QuerySet[Any, Any], fields: Sequence[str], page: slice) -> tuple[list[Row], int]:
    """The rows of the page, and how many matches follow it."""
    rows: list[Row] = list(found.values_list(*fields)[page.start : page.stop + 1])
    limit = page.stop - page.start
    # Counting reads every match: only when the row too many says that there are more.
    remaining = max(found.count() - page.stop, 0) if len(rows) > limit else 0
    return rows[:limit], remaining


def _rows(level: Level, found: QuerySet[Any, Any], fields: Sequence[str], pks: Sequence[int]) -> list[Row]:
    """The rows of these primary keys in this order, without those that have been deleted meanwhile."""
    position = IDENTITY[level].index("pk")
    rows: dict[int, Row] = {}
    for start in range(0, len(pks), BATCH):
        batch = found.filter(pk__in=pks[start : start + BATCH])
        rows |= {row[position]: row for row in batch.values_list(*fields)}
    return [rows[pk] for pk in pks if pk in rows]
