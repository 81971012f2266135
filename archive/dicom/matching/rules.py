"""Attribute matching (PS3.4 Section C.2.2.2) as values: what a key in a query asks for, and what meets it.

Person names match without case and accents, by any of the keys of `person_names.search_keys`. Dates, times and
numbers compare by their meaning. All else compares as it stands, case-sensitive. An attribute without a value meets
no key but a universal one, or one that asks for just that.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from archive.dicom.matching.attribute_paths import AttributePath
from archive.dicom.matching.moments import Moment
from archive.dicom.matching.person_names import sounds


@dataclass(frozen=True, slots=True)
class Universal:
    """Met by everything, also by an attribute without a value."""


@dataclass(frozen=True, slots=True)
class NoValue:
    """Met by an attribute that is empty or absent."""


@dataclass(frozen=True, slots=True)
class SingleValue:
    value: str | float


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` stands for any characters or none, `?` for exactly one."""

    pattern: str


@dataclass(frozen=True, slots=True)
class SoundsLike:
    """Met by a name with a word that sounds so; see `person_names.sounds`."""

    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends belong to it; an empty one is open."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class MomentRange:
    """As `Range`, of VR DT. A single value is the range of that moment alone."""

    low: Moment | None
    high: Moment | None


@dataclass(frozen=True, slots=True)
class AnyOf:
    matches: "tuple[Match, ...]"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each is met, every one perhaps by another value."""

    matches: "tuple[Match, ...]"


Match = Universal | NoValue | SingleValue | Wildcard | SoundsLike | Range | MomentRange | AnyOf | AllOf

#: What the attributes of a query ask for.
Keys = Mapping[AttributePath, Match]


def is_reversed(match: Match) -> bool:
    """Whether it is a range that ends before it begins, which nothing meets."""
    return isinstance(match, Range) and bool(match.high) and match.low > match.high


def range_of_moments(dates: Match, times: Match) -> Range | None:
    """Dates and times as one range, where both are ranges of the same form (PS3.18 Section 8.3.4.1.1).

    Its ends are a date with its time: `20060705100000.000000`.
    """
    if not isinstance(dates, Range) or not isinstance(times, Range):
        return None
    same_form = (bool(dates.low), bool(dates.high)) == (bool(times.low), bool(times.high))
    return Range(dates.low + times.low, dates.high + times.high) if same_form else None


# -- what meets a key ------------------------------------------------------------

Value = str | float | Moment


def matches(match: Match, values: Collection[Value]) -> bool:
    """Whether any of the values meets the key (PS3.4 Section C.2.2.3); values as the functions above give them.

    An empty text is a value of which nothing is known.
    """
    match match:
        case Universal():
            return True
        case NoValue():
            return not values
        case SingleValue():
            return single_value_matches(match, values)
        case Wildcard():
            return wildcard_matches(match, values)
        case SoundsLike():
            return any(not match.codes.isdisjoint(sounds(str(value))) for value in values)
        case Range():
            return range_matches(match, values)
        case MomentRange():
            return moment_matches(match, values)
        case AnyOf():
            return any(matches(one, values) for one in match.matches)
        case AllOf():
            return all(matches(one, values) for one in match.matches)


def single_value_matches(match: SingleValue, values: Collection[Value]) -> bool:
    """PS3.4 Section C.2.2.2.1; and C.2.2.2.2, where it is one of a list of UIDs."""
    return match.value in values


def wildcard_matches(match: Wildcard, values: Collection[Value]) -> bool:
    """PS3.4 Section C.2.2.2.4. An attribute without a value is not met."""
    expression = _expression(match.pattern)
    return any(value != "" and expression.match(str(value)) for value in values)


@lru_cache(maxsize=512)
def _expression(pattern: str) -> re.Pattern[str]:
    # `translate` takes [ for the beginning of a set; its expression does not backtrack, however many * there are.
    return re.compile(translate(pattern.replace("[", "[[]")))


def range_matches(match: Range, values: Collection[Value]) -> bool:
    """PS3.4 Section C.2.2.2.5."""
    texts = (str(value) for value in values if value)
    return any(match.low <= text and (not match.high or text <= match.high) for text in texts)


def moment_matches(match: MomentRange, values: Collection[Value]) -> bool:
    """PS3.4 Section C.2.2.2.5, for VR DT."""
    return any(
        not (match.low and value.is_before(match.low)) and not (match.high and match.high.is_before(value))
        for value in values
        if isinstance(value, Moment)
    )
