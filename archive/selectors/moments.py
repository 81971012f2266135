"""Dates with times as conditions in SQL: as the clocks showed them, or in the zone of the query.

The zones of stored dates are few, so that a query in a zone asks for each of them what its clocks showed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from archive.comparisons import compare
from archive.dicom.matching.moments import DAY, offset_minutes, shifted_clock, shifted_day, split_day
from archive.dicom.matching.rules import AnyOf, Match, Range, SingleValue, range_of_moments

#: No two zones are farther apart, in days.
FARTHEST = 2


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a date and the time beside it are.

    Args:
        time: the time in the form to compare; `time_as_sent`: as the object has it.
        offset: its Timezone Offset From UTC, a column of `owners`.
    """

    date: str
    time: str
    time_as_sent: str
    offset: str
    owners: QuerySet[Any, Any]


def condition(fields: Fields, dates: Match, times: Match, timezone: int | None) -> Q:
    """What the keys on a date and on its time ask for, in the zone `timezone` of the query.

    Dates that have no time, or whose objects name no zone, are compared as they stand.
    """
    if timezone is None:
        return _as_shown(fields, dates, times)
    # It says nothing new; it lets an index find the few dates that the others have to look at.
    near = _widened(dates)
    zones = _zones(fields, near)
    known = [text for texts in zones.values() for text in texts]
    stands = ~Q(**{f"{fields.offset}__in": known}) | Q(**{fields.time: ""}) | Q(**{fields.date: ""})
    moved = (
        Q(**{f"{fields.offset}__in": texts}) & part
        for offset, texts in zones.items()
        for part in _moved(fields, dates, times, timezone - offset)
    )
    return compare(fields.date, near) & reduce(or_, moved, stands & _as_shown(fields, dates, times))


def _zones(fields: Fields, near: Match) -> Mapping[int, Sequence[str]]:
    """The offsets of the stored dates that are near those of the keys, each as it is spelt."""
    zones: dict[int, list[str]] = defaultdict(list)
    date, offset_column = (name.rpartition("__")[2] for name in (fields.date, fields.offset))
    for text in fields.owners.filter(compare(date, near)).values_list(offset_column, flat=True).distinct():
        offset = offset_minutes(text)
        if offset is not None:
            zones[offset].append(text)
    return zones


def _moved(fields: Fields, dates: Match, times: Match, minutes: int) -> Iterator[Q]:
    """The conditions on clocks that are so many minutes behind those of the query, each on a part of the day."""
    for first, before, days in split_day(minutes):
        part = Q(**{f"{fields.time}__gte": first, f"{fields.time}__lt": before, f"{fields.date}__gt": ""})
        yield part & _as_shown(
            fields,
            _changed(dates, partial(shifted_day, days=-days)),
            _changed(times, partial(shifted_clock, minutes=days * DAY - minutes)),
        )


def _as_shown(fields: Fields, dates: Match, times: Match) -> Q:
    if isinstance(dates, Range) and isinstance(times, Range) and range_of_moments(dates, times):
        return _range_of_moments(fields, dates, times)
    return compare(fields.date, dates) & compare(fields.time, times, as_sent=fields.time_as_sent)


def _range_of_moments(fields: Fields, dates: Range, times: Range) -> Q:
    """The days of the range, without what is before its time on the first and after its time on the last."""
    found = compare(fields.date, dates) & Q(**{f"{fields.time}__gt": ""})
    if dates.low:
        found &= Q(**{f"{fields.date}__gt": dates.low}) | Q(**{f"{fields.time}__gte": times.low})
    if dates.high:
        found &= Q(**{f"{fields.date}__lt": dates.high}) | Q(**{f"{fields.time}__lte": times.high})
    return found


def _changed(match: Match, change: Callable[[str], str]) -> Match:
    match match:
        case SingleValue():
            return SingleValue(change(str(match.value)))
        case Range():
            return Range(match.low and change(match.low), match.high and change(match.high))
        case AnyOf():
            return AnyOf(tuple(_changed(one, change) for one in match.matches))
    return match


def _widened(dates: Match) -> Match:
    """As far as dates can be moved into another zone."""
    match dates:
        case SingleValue():
            return _widened(Range(str(dates.value), str(dates.value)))
        case Range():
            low = dates.low and shifted_day(dates.low, -FARTHEST)
            return Range(low, dates.high and shifted_day(dates.high, FARTHEST))
        case AnyOf():
            return AnyOf(tuple(map(_widened, dates.matches)))
    return dates
