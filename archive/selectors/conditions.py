"""The keys of a search as conditions in SQL.

An entity counts once however many of its parts meet a key (QIDO-72): keys on parts are subqueries, never joins.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from archive import queryable
from archive.comparisons import compare
from archive.dicom.matching.attribute_paths import AttributePath, Tag
from archive.dicom.matching.rules import AllOf, AnyOf, Keys, Match, NoValue, Universal
from archive.models import PatientNameKey, ReferringPhysicianNameKey, RequestAttributes, Series, Study
from archive.queryable import MODALITIES_IN_STUDY, Attribute, Level
from archive.selectors import moments
from archive.selectors.keys import MOMENTS, SearchKeys

#: Where the keys of a person name are, and which rows have it.
NAME_KEYS: Mapping[Tag, QuerySet[Any, Any]] = {
    "00100010": PatientNameKey.objects.values("patient_id"),
    "00080090": ReferringPhysicianNameKey.objects.values("study_id"),
}

#: The column of Timezone Offset From UTC, which the rows of these levels have for their dates.
TIMEZONE = "timezone_offset_from_utc"
MODELS: Mapping[Level, QuerySet[Any, Any]] = {Level.STUDY: Study.objects.all(), Level.SERIES: Series.objects.all()}


def conditions(level: Level, keys: SearchKeys) -> Iterator[Q]:
    """A condition for each key, except that a date and the time beside it are one, and so are the keys on an item."""
    left = {path: match for path, match in keys.columns.items() if match != Universal()}
    for date, time in MOMENTS:
        dates, times = left.pop(date, Universal()), left.pop(time, Universal())
        if (dates, times) != (Universal(), Universal()):
            yield moments.condition(_moments(level, date, time), dates, times, keys.timezone)
    items = {path: match for path, match in left.items() if len(path) > 1}
    if items:
        yield _sequence_matching(level, items)
    for path, match in left.items():
        if path not in items and (attribute := queryable.matchable(level, path)):
            yield _condition(level, attribute, match)


def _condition(level: Level, attribute: Attribute, match: Match) -> Q:
    column = queryable.field(level, attribute)
    if attribute.tag in NAME_KEYS:
        keys, owner = NAME_KEYS[attribute.tag], queryable.owner(level, attribute.level)
        return _by_parts(column, match, lambda one: Q(**{f"{owner}__in": keys.filter(compare("key", one))}))
    if attribute.tag == MODALITIES_IN_STUDY:
        series = Series.objects.filter(study=OuterRef(queryable.owner(level, attribute.level)))
        return _by_parts(column, match, lambda one: Q(Exists(series.filter(compare("modality", one)))))
    return compare(column, match)


def _by_parts(column: str, match: Match, has_part: Callable[[Match], Q]) -> Q:
    """Where the values are rows of their own: what has to be met together may be met by several of them."""
    match match:
        case NoValue():
            return Q(**{column: ""})
        case AllOf():
            return reduce(and_, (_by_parts(column, one, has_part) for one in match.matches))
        case AnyOf() if any(isinstance(one, AllOf | NoValue) for one in match.matches):
            return reduce(or_, (_by_parts(column, one, has_part) for one in match.matches))
    return has_part(match)


def _sequence_matching(level: Level, items: Keys) -> Q:
    """PS3.4 Section C.2.2.2.6: one item has to meet all keys together."""
    on_item = [
        compare(attribute.column, match)
        for path, match in items.items()
        if (attribute := queryable.matchable(level, path))
    ]
    series = RequestAttributes.objects.filter(*on_item).values("series_id")
    return Q(**{f"{queryable.owner(level, Level.SERIES)}__in": series})


def _moments(level: Level, date: AttributePath, time: AttributePath) -> moments.Fields:
    """The fields of a date and the time beside it."""
    of_date, of_time = (queryable.attributes(level)[path[0]] for path in (date, time))
    owner = queryable.owner(level, of_date.level)
    return moments.Fields(
        date=queryable.field(level, of_date),
        time=queryable.field(level, of_time, compared=True),
        time_as_sent=queryable.field(level, of_time),
        offset=TIMEZONE if owner == "pk" else f"{owner}__{TIMEZONE}",
        owners=MODELS[of_date.level],
    )
