"""The keys of a query (PS3.18 Section 8.3.4.1, PS3.4 Section C.2.2.2): from values as texts to what they ask for."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.dicom.matching.attribute_paths import AttributePath, is_multi_valued, name_of, vr_of
from archive.dicom.matching.moments import (
    LATEST,
    TIMEZONE_OFFSET_FROM_UTC,
    date_key,
    moment,
    offset_minutes,
    time_key,
    times_of_dates,
)
from archive.dicom.matching.numbers import NUMBERS
from archive.dicom.matching.person_names import fold, sounds, spoken_parts
from archive.dicom.matching.rules import (
    AllOf,
    AnyOf,
    Keys,
    Match,
    MomentRange,
    NoValue,
    Range,
    SingleValue,
    SoundsLike,
    Universal,
    Wildcard,
    is_reversed,
    range_of_moments,
)
from archive.dicom.uids import is_tolerable_uid

#: More keys are refused, longer values, and longer lists of values, of UIDs, and of the words of a name.
MOST_KEYS = 100
LONGEST_VALUE = 4096
LONGEST_LIST = 100
LONGEST_UID_LIST = 10_000
MOST_WORDS = 20

#: PS3.5 Section 6.2.1.
PERSON_NAME_GROUPS = 3

#: VRs that allow no comma in a value, so that one can only separate values.
COMMA_SEPARATES = frozenset(["AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS"]) | frozenset(
    ["SL", "SS", "SV", "TM", "UI", "UL", "US", "UV"]
)
#: PS3.4 Section C.2.2.2.4: the VRs with wildcards, besides PN.
WILDCARD_VRS = frozenset(["AE", "CS", "LO", "LT", "SH", "ST", "UC", "UR", "UT"])
#: The VRs of Empty Value Matching, asked for by two quotation marks.
EMPTY_VALUE_VRS = WILDCARD_VRS | {"DA", "DT", "PN", "TM"}
NO_VALUE = '""'
#: The VRs of Multiple Value Matching, none of which allows a backslash in a value.
MULTIPLE_VALUE_VRS = frozenset(["AE", "AS", "AT", "CS", "LO", "PN", "SH", "UC"])


class MalformedMatch(ValueError):
    """A query value is none that its attribute can have. The message does not repeat it: it may name a patient."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a query wants its values to be read (PS3.18 Section 8.3.4).

    Args:
        timezone: Timezone Offset From UTC of the query, in minutes; None when it says none.
    """

    fuzzy: bool = False
    empty_values: bool = False
    multiple_values: bool = False
    timezone: int | None = None


LITERAL = Reading()


def parse_keys(values: Mapping[AttributePath, Sequence[str]], reading: Reading = LITERAL) -> Keys:
    """What the keys of a query ask for, each by the VR of its attribute.

    Raises:
        MalformedMatch: a value is none that its attribute can have, or there are too many keys.
    """
    if len(values) > MOST_KEYS:
        raise MalformedMatch("The query has too many keys.")
    keys = {path: _parsed(path, texts, reading) for path, texts in values.items()}
    for path, match in keys.items():
        if is_reversed(match) and not range_of_moments(keys.get(_date_beside(path), Universal()), match):
            raise MalformedMatch("A range of times ends before it begins.")
    return keys


def _parsed(path: AttributePath, texts: Sequence[str], reading: Reading) -> Match:
    try:
        return parse(vr_of(path[-1]), texts, reading, multi_valued=is_multi_valued(path[-1]))
    except MalformedMatch as error:
        raise MalformedMatch(f"{name_of(path)}: {error}") from None


def _date_beside(path: AttributePath) -> AttributePath:
    """The date that goes with a time."""
    return (*path[:-1], *(date for date, time in times_of_dates().items() if time == path[-1]))


def timezone(values: Mapping[AttributePath, Sequence[str]]) -> int | None:
    """The zone that a query names for its dates and times (PS3.18 Section 8.3.4.1.1), in minutes from UTC.

    Raises:
        MalformedMatch: it is no offset.
    """
    texts = values.get((TIMEZONE_OFFSET_FROM_UTC,), ())
    offsets = [offset_minutes(text) for text in texts]
    if None in offsets or len(offsets) > 1:
        raise MalformedMatch("The Timezone Offset From UTC is not one offset such as +0100.")
    return next(iter(offsets), None)


def parse(vr: str, values: Sequence[str], reading: Reading = LITERAL, *, multi_valued: bool = True) -> Match:
    """What the values of a key ask for; several values ask for any of them, or for all in Multiple Value Matching.

    Args:
        multi_valued: whether the attribute may have several values.

    Raises:
        MalformedMatch: a value is none that the VR allows.
    """
    of_all = reading.multiple_values and multi_valued and vr in MULTIPLE_VALUE_VRS
    texts = list(dict.fromkeys(_separated(vr, values, backslash=of_all or vr == "UI")))
    if any(len(text) > LONGEST_VALUE for text in texts):
        raise MalformedMatch("A value is too long.")
    if len(texts) > (LONGEST_UID_LIST if vr == "UI" else LONGEST_LIST):
        raise MalformedMatch("A list of values is too long.")
    if of_all and len(texts) > 1:
        return AllOf(tuple(SingleValue(fold(text) if vr == "PN" else text) for text in texts))
    found = tuple(dict.fromkeys(_one(vr, text, reading) for text in texts))
    return Universal() if Universal() in found else _combined(found, AnyOf)


def _separated(vr: str, values: Sequence[str], *, backslash: bool) -> Iterator[str]:
    """The values of a list; PS3.4 Section C.2.2.2.2 separates them by backslashes, as DIMSE has it."""
    separator = re.compile(r"[\\,]" if backslash and vr in COMMA_SEPARATES else r"\\" if backslash else ",")
    for value in values:
        parts = separator.split(value) if backslash or vr in COMMA_SEPARATES else [value]
        yield from (text for part in parts if (text := part.strip(" ")))


def _combined(found: tuple[Match, ...], kind: type[AnyOf] | type[AllOf]) -> Match:
    if len(found) > 1:
        return kind(found)
    return found[0] if found else Universal()


def _one(vr: str, text: str, reading: Reading) -> Match:
    if set(text) == {"*"}:
        return Universal()
    if reading.empty_values and text == NO_VALUE and vr in EMPTY_VALUE_VRS:
        return NoValue()
    if vr == "PN" and reading.fuzzy and (words := _WORD.findall(fold(text))):
        return _fuzzy_name(words)
    if vr == "DT":
        return _date_time(text, reading.timezone)
    return _PARSERS.get(vr, SingleValue)(text)


def _text(value: str) -> Match:
    if set(value) == {"*"}:
        return Universal()
    return Wildcard(value) if "*" in value or "?" in value else SingleValue(value)


def _person_name(value: str) -> Match:
    """Each component group that the key names has to be met."""
    groups = [group for text in fold(value).split("=") if (group := text.strip(" ^"))]
    if len(groups) > PERSON_NAME_GROUPS:
        raise MalformedMatch("A person name has too many component groups.")
    return _combined(tuple(match for match in map(_text, groups) if match != Universal()), AllOf)


#: Of folded names.
_WORD = re.compile(r"[^\s^=,]+")


def _fuzzy_name(words: Sequence[str]) -> Match:
    """Each word of the key, in any order, has to begin a word of the name or to sound like one."""
    if len(set(words)) > MOST_WORDS:
        raise MalformedMatch("A person name has too many words.")
    found = (_fuzzy_word(word) for word in dict.fromkeys(words))
    return _combined(tuple(match for match in found if match != Universal()), AllOf)


def _fuzzy_word(word: str) -> Match:
    if "*" in word or "?" in word:
        return _text(word)
    spoken = tuple(SoundsLike(sounds(part)) for part in spoken_parts(word))
    return AnyOf((Wildcard(f"{word}*"), _combined(spoken, AllOf))) if spoken else Wildcard(f"{word}*")


def _uid(value: str) -> Match:
    if not is_tolerable_uid(value):
        raise MalformedMatch("A value is not a UID.")
    return SingleValue(value)


def _attribute_tag(value: str) -> Match:
    return SingleValue(value.upper())


def _number_match(number: Callable[[str], float | None]) -> Callable[[str], Match]:
    def parse_number(value: str) -> Match:
        found = number(value)
        if found is None:
            raise MalformedMatch("A value is not a number of its kind.")
        return SingleValue(found)

    return parse_number


def _date(value: str) -> Match:
    match = _range(value, "date", date_key, date_key)
    if is_reversed(match):
        raise MalformedMatch("A range of dates ends before it begins.")
    return match


def _time(value: str) -> Match:
    """A range may end before it begins: with dates around it, it crosses midnight (PS3.18 Section 8.3.4.1.1)."""
    return _range(value, "time", time_key, lambda text: time_key(text, fill=LATEST))


def _range(value: str, kind: str, low_key: "_Key", high_key: "_Key") -> Match:
    """PS3.4 Section C.2.2.2.5: `a-b`, `a-`, `-b`, or a single value."""
    first, dash, last = (part.strip(" ") for part in value.partition("-"))
    low, high = low_key(first), (high_key(last) if dash else low_key(first))
    if (first and low is None) or (last and high is None) or not (first or last):
        raise MalformedMatch(f"A value is not a {kind} or a range of them.")
    return Range(low or "", high or "") if dash else SingleValue(low or "")


_Key = Callable[[str], str | None]


def _date_time(value: str, timezone: int | None) -> Match:
    """A hyphen also begins an offset: what can be read as a single value is one."""
    if one := moment(value, offset=timezone):
        return MomentRange(one, one)
    for dash in re.finditer("-", value):
        first, last = value[: dash.start()].strip(" "), value[dash.end() :].strip(" ")
        low, high = moment(first, offset=timezone), moment(last, offset=timezone, latest=True)
        if (low or not first) and (high or not last) and (low or high):
            if low and high and high.is_before(low):
                raise MalformedMatch("A range of dates ends before it begins.")
            return MomentRange(low, high)
    raise MalformedMatch("A value is not a date with a time or a range of them.")


_PARSERS: Mapping[str, Callable[[str], Match]] = {
    "AT": _attribute_tag,
    "DA": _date,
    "PN": _person_name,
    "TM": _time,
    "UI": _uid,
    "UN": _text,  # of private attributes that no dictionary knows
    **{vr: _number_match(read) for vr, read in NUMBERS.items()},
    **dict.fromkeys(WILDCARD_VRS, _text),
}
