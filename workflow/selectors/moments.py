"""Moments of VR DT as conditions in SQL: compared in UTC where both sides know their offset, else as they stand."""

from functools import reduce
from operator import or_

from django.db.models import Q

from archive.dicom.matching.moments import Moment, shifted_day
from archive.dicom.matching.rules import AnyOf, Match, MomentRange, NoValue


def condition(column: str, as_shown: str, match: Match) -> Q | None:
    """What a key asks of the two columns of a moment (see `Workitem`); None for what they cannot say."""
    match match:
        case NoValue():
            return Q(**{column: ""})
        case MomentRange():
            return _in_range(column, as_shown, match)
        case AnyOf():
            parts = [condition(column, as_shown, one) for one in match.matches]
            return None if None in parts else reduce(or_, filter(None, parts))
    return None


def _in_range(column: str, as_shown: str, match: MomentRange) -> Q:
    # The days around say nothing new; they let an index find the few that the rest has to look at.
    found = Q(**{f"{column}__gt": ""})
    if match.low:
        found &= Q(**{f"{column}__gte": shifted_day(match.low.local[:8], -1)})
        found &= _end(column, as_shown, "gte", match.low)
    if match.high:
        found &= Q(**{f"{column}__lte": shifted_day(match.high.local[:8], 1) + "24"})
        found &= _end(column, as_shown, "lte", match.high)
    return found


def _end(column: str, as_shown: str, comparison: str, end: Moment) -> Q:
    """One end of a range, for workitems without an offset and for those with one."""
    without = Q(**{as_shown: "", f"{column}__{comparison}": end.local})
    if end.offset is None:
        return without | Q(**{f"{as_shown}__gt": "", f"{as_shown}__{comparison}": end.local})
    return without | Q(**{f"{as_shown}__gt": "", f"{column}__{comparison}": end.utc()})
