"""Search (PS3.18 Section 10.6): which studies, series or instances meet the keys of a query, a page at a time.

An entity counts once however many of its parts meet a key (QIDO-72): keys on parts are subqueries, never joins. The
last field of every order is unique, so that pages neither overlap nor skip (QIDO-71).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from archive import queryable
from archive.dicom import matching
from archive.dicom.dicom_json import DataSet
from archive.dicom.matching import (
    AllOf,
    AnyOf,
    AttributePath,
    MalformedMatch,
    Match,
    Range,
    SingleValue,
    Universal,
    Wildcard,
)
from archive.lookups import DicomWildcard
from archive.models import Instance, PatientNameKey, ReferringPhysicianNameKey, RequestAttributes, Series, Study
from archive.queryable import MODALITIES_IN_STUDY, Attribute, Level
from archive.selectors.results import RetrieveURL, Selection, data_sets

#: Studies newest first, the others by what they belong to and their number; each follows an index, at least at first.
ORDERS: Mapping[Level, tuple[str, ...]] = {
    Level.STUDY: ("-study_date", "-id"),
    Level.SERIES: ("study_id", "series_number", "id"),
    Level.INSTANCE: ("series_id", "instance_number", "id"),
}

#: The dates and times that are matched together.
MOMENTS: Sequence[tuple[AttributePath, AttributePath]] = (
    (("00080020",), ("00080030",)),
    (("00400244",), ("00400245",)),
)

#: Where the keys of a person name are, and which rows have it.
NAME_KEYS: Mapping[str, QuerySet[Any, Any]] = {
    "00100010": PatientNameKey.objects.values("patient_id"),
    "00080090": ReferringPhysicianNameKey.objects.values("study_id"),
}

Keys = Mapping[AttributePath, Match]


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
    keys: Keys
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


def read_keys(level: Level, values: Mapping[AttributePath, Sequence[str]]) -> tuple[Keys, list[AttributePath]]:
    """What the values of each key ask for, and the keys that are ignored because they cannot be matched (QIDO-24).

    Raises:
        MalformedMatch: a value is none that its attribute can have.
    """
    keys: dict[AttributePath, Match] = {}
    ignored = []
    for path, texts in values.items():
        if attribute := queryable.matchable(level, path):
            keys[path] = matching.parse(attribute.vr, texts)
        elif texts:
            ignored.append(path)
        else:
            keys[path] = Universal()
    for date, time in MOMENTS:
        if time in keys and matching.is_reversed(keys[time]) and not _moments(keys, date, time):
            raise MalformedMatch("A range of times ends before it begins.")
    return keys, ignored


def search(query: Query, url: RetrieveURL) -> SearchResult:
    """The page of matches that the query asks for; `url` gives the Retrieve URL for the UIDs of a match."""
    selection = _selection(query)
    found = _found(query)
    limit = min(settings.ARCHIVE_MAX_RESULTS if query.limit is None else query.limit, settings.ARCHIVE_MAX_RESULTS)
    end = query.offset + limit
    rows = list(found.order_by(*ORDERS[query.level]).values_list(*selection.fields)[query.offset : end + 1])
    # Counting reads every match: only when the row too many says that there are more.
    remaining = max(found.count() - end, 0) if len(rows) > limit else 0
    page = rows[:limit]
    return SearchResult(len(page), data_sets(selection, page, url), remaining)


def _selection(query: Query) -> Selection:
    above = Level.PATIENT if query.study is None else Level.SERIES if query.series is None else Level.INSTANCE
    return Selection.of(
        query.level,
        whole=[level for level in Level if above <= level <= query.level],
        asked={path[0] for path in (*query.keys, *query.include)},
        everything=query.include_all,
    )


# -- as SQL ----------------------------------------------------------------------


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
    return models[query.level].filter(*_conditions(query.level, query.keys), **uids)


def _conditions(level: Level, keys: Keys) -> Iterator[Q]:
    """A condition for each key, except that a range of dates and one of times are one, and so are those on an item."""
    keys = {path: match for path, match in keys.items() if match != Universal()}
    for date, time in MOMENTS:
        if ranges := _moments(keys, date, time):
            yield _range_of_moments(_column(level, date), _column(level, time), *ranges)
            del keys[date], keys[time]
    items = {path: match for path, match in keys.items() if len(path) > 1}
    if items:
        yield _sequence_matching(level, items)
    for path, match in keys.items():
        if path not in items and (attribute := queryable.matchable(level, path)):
            yield _condition(level, attribute, match)


def _column(level: Level, path: AttributePath) -> str:
    return queryable.field(level, queryable.attributes(level)[path[0]], compared=True)


def _condition(level: Level, attribute: Attribute, match: Match) -> Q:
    if attribute.tag in NAME_KEYS:
        return _name(queryable.owner(level, attribute.level), NAME_KEYS[attribute.tag], match)
    if attribute.tag == MODALITIES_IN_STUDY:
        study = OuterRef(queryable.owner(level, attribute.level))
        return Q(Exists(Series.objects.filter(_compare("modality", match), study=study)))
    return _compare(queryable.field(level, attribute, compared=True), match)


def _name(owner: str, keys: QuerySet[Any, Any], match: Match) -> Q:
    """By any of its keys; where several have to be met, each may be met by another one."""
    if isinstance(match, AllOf):
        return reduce(and_, (_name(owner, keys, one) for one in match.matches))
    if isinstance(match, AnyOf):
        return reduce(or_, (_name(owner, keys, one) for one in match.matches))
    return Q(**{f"{owner}__in": keys.filter(_compare("key", match))})


def _sequence_matching(level: Level, items: Keys) -> Q:
    """PS3.4 Section C.2.2.2.6: one item has to meet all keys together."""
    conditions = [
        _compare(attribute.column, match)
        for path, match in items.items()
        if (attribute := queryable.matchable(level, path))
    ]
    series = RequestAttributes.objects.filter(*conditions).values("series_id")
    return Q(**{f"{queryable.owner(level, Level.SERIES)}__in": series})


def _compare(field: str, match: Match) -> Q:
    match match:
        case SingleValue():
            return Q(**{field: match.value})
        case Wildcard():
            return Q(**{f"{field}__{DicomWildcard.lookup_name}": match.pattern})
        case Range():
            since = Q(**{f"{field}__gte": match.low}) if match.low else Q(**{f"{field}__gt": ""})
            return since & Q(**{f"{field}__lte": match.high}) if match.high else since
        case AnyOf() if all(isinstance(one, SingleValue) for one in match.matches):
            return Q(**{f"{field}__in": [one.value for one in match.matches if isinstance(one, SingleValue)]})
        case AnyOf():
            return reduce(or_, (_compare(field, one) for one in match.matches))
        case AllOf():
            return reduce(and_, (_compare(field, one) for one in match.matches))
        case Universal():
            return Q()


def _moments(keys: Keys, date: AttributePath, time: AttributePath) -> tuple[Range, Range] | None:
    """The ranges of both, where they are one range of moments: ranges of the same form (PS3.18 Section 8.3.4.1.1)."""
    dates, times = keys.get(date), keys.get(time)
    if not isinstance(dates, Range) or not isinstance(times, Range):
        return None
    same_form = (bool(dates.low), bool(dates.high)) == (bool(times.low), bool(times.high))
    return (dates, times) if same_form else None


def _range_of_moments(date: str, time: str, dates: Range, times: Range) -> Q:
    """The days of the range, without what is before its time on the first and after its time on the last."""
    condition = _compare(date, dates) & Q(**{f"{time}__gt": ""})
    if dates.low:
        condition &= Q(**{f"{date}__gt": dates.low}) | Q(**{f"{time}__gte": times.low})
    if dates.high:
        condition &= Q(**{f"{date}__lt": dates.high}) | Q(**{f"{time}__lte": times.high})
    return condition
