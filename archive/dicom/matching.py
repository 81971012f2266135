"""Attribute matching (PS3.4 Section C.2.2.2) as values: what a key in a query asks for, and what meets it.

Person names match without case and accents, by any of the keys of `person_names.search_keys`. Dates, times and
integers compare by their meaning. All else compares as it stands, case-sensitive. An attribute without a value meets
no key but a universal one.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import translate

from pydicom.datadict import tag_for_keyword

from archive.dicom.person_names import fold
from archive.dicom.uids import is_tolerable_uid

#: Longer query values are refused, and longer lists of them; a list of UIDs may have any length.
LONGEST_VALUE = 4096
LONGEST_LIST = 100

#: VRs that allow no comma in a value, so that one can only separate values.
COMMA_SEPARATES = frozenset(["AS", "CS", "DA", "DT", "IS", "TM", "UI", "US"])

#: PS3.5 Section 6.2.1.
PERSON_NAME_GROUPS = 3

_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_DATE = re.compile(r"([0-9]{4})(\.?)([0-9]{2})\2([0-9]{2})")
_TIME = re.compile(r"([01][0-9]|2[0-3])(?::?([0-5][0-9])(?::?([0-5][0-9]|60)(?:\.([0-9]{1,6}))?)?)?")
_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?")


#: The tags from an attribute of the data set down to one in its sequences: `("00400275", "00400009")`.
AttributePath = tuple[str, ...]


class MalformedMatch(ValueError):
    """A query value is none that its attribute can have. The message does not repeat it: it may name a patient."""


class MalformedAttribute(ValueError):
    """The name of an attribute begins like a tag and is none."""


@dataclass(frozen=True, slots=True)
class Universal:
    """Met by everything, also by an attribute without a value."""


@dataclass(frozen=True, slots=True)
class SingleValue:
    value: str | int


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` stands for any characters or none, `?` for exactly one."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends belong to it; an empty one is open."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    matches: "tuple[Match, ...]"


@dataclass(frozen=True, slots=True)
class AllOf:
    matches: "tuple[Match, ...]"


Match = Universal | SingleValue | Wildcard | Range | AnyOf | AllOf


def attribute_path(name: str) -> AttributePath | None:
    """The attribute that PS3.18 Section 8.3.1.1 names by tags or keywords, such as `00400275.RequestedProcedureID`.

    None when a part of the name is no keyword of PS3.6.

    Raises:
        MalformedAttribute: a part of the name begins with a digit and is not a tag.
    """
    tags = [_tag(part) for part in name.split(".")]
    return None if None in tags else tuple(tag for tag in tags if tag)


def _tag(name: str) -> str | None:
    if _TAG.fullmatch(name):
        return name.upper()
    if name[:1].isdigit():
        raise MalformedAttribute("An attribute is named neither by its keyword nor by the eight digits of its tag.")
    tag = tag_for_keyword(name) if name else None  # some tags of PS3.6 have no keyword
    return None if tag is None else f"{tag:08X}"


# -- what a key asks for ---------------------------------------------------------


def parse(vr: str, values: Sequence[str]) -> Match:
    """What the values of a key ask for; several values ask for any of them.

    Raises:
        MalformedMatch: a value is none that the VR allows.
    """
    if vr == "UI":  # PS3.4 Section C.2.2.2.2: the list as DIMSE has it
        values = [uid for value in values for uid in value.split("\\")]
    if vr in COMMA_SEPARATES:
        values = [part for value in values for part in value.split(",")]
    if any(len(value) > LONGEST_VALUE for value in values) or (vr != "UI" and len(values) > LONGEST_LIST):
        raise MalformedMatch("A value, or a list of them, is too long.")
    parse_one = _PARSERS.get(vr, _literal)
    found = tuple(dict.fromkeys(parse_one(value) for text in values if (value := text.strip(" "))))
    if not found or Universal() in found:
        return Universal()
    return found[0] if len(found) == 1 else AnyOf(found)


def _literal(value: str) -> Match:
    return SingleValue(value)


def _text(value: str) -> Match:
    """PS3.4 Section C.2.2.2.4: the VRs with wildcards."""
    if set(value) == {"*"}:
        return Universal()
    return Wildcard(value) if "*" in value or "?" in value else SingleValue(value)


def _person_name(value: str) -> Match:
    """Each component group that the key names has to be met."""
    groups = [group for text in fold(value).split("=") if (group := text.strip(" ^"))]
    if len(groups) > PERSON_NAME_GROUPS:
        raise MalformedMatch("A person name has too many component groups.")
    found = tuple(match for match in map(_text, groups) if match != Universal())
    if not found:
        return Universal()
    return found[0] if len(found) == 1 else AllOf(found)


def _uid(value: str) -> Match:
    if not is_tolerable_uid(value):
        raise MalformedMatch("A value is not a UID.")
    return SingleValue(value)


def _integer_match(value: str) -> Match:
    number = integer(value)
    if number is None:
        raise MalformedMatch("A value is not an integer.")
    return SingleValue(number)


def _date(value: str) -> Match:
    match = _range(value, "date", date_key, date_key)
    if is_reversed(match):
        raise MalformedMatch("A range of dates ends before it begins.")
    return match


def _time(value: str) -> Match:
    """A range may end before it begins: with dates around it, it crosses midnight (PS3.18 Section 8.3.4.1.1)."""
    return _range(value, "time", time_key, lambda text: time_key(text, fill=LATEST))


def is_reversed(match: Match) -> bool:
    """Whether it is a range that ends before it begins, which nothing meets."""
    return isinstance(match, Range) and bool(match.high) and match.low > match.high


def _range(value: str, kind: str, low_key: "_Key", high_key: "_Key") -> Match:
    """PS3.4 Section C.2.2.2.5: `a-b`, `a-`, `-b`, or a single value."""
    first, dash, last = (part.strip(" ") for part in value.partition("-"))
    low, high = low_key(first), (high_key(last) if dash else low_key(first))
    if (first and low is None) or (last and high is None) or not (first or last):
        raise MalformedMatch(f"A value is not a {kind} or a range of them.")
    return Range(low or "", high or "") if dash else SingleValue(low or "")


_PARSERS: Mapping[str, Callable[[str], Match]] = {
    "DA": _date,
    "IS": _integer_match,
    "PN": _person_name,
    "TM": _time,
    "UI": _uid,
    "US": _integer_match,
} | dict.fromkeys(["AE", "CS", "LO", "LT", "SH", "ST", "UC", "UR", "UT"], _text)


# -- by meaning, PS3.4 Section C.2.2.2.1 -----------------------------------------

_Key = Callable[[str], str | None]

#: What stands for the components a time leaves out: its first or its last moment.
EARLIEST, LATEST = ("00", "00", "000000"), ("59", "59", "999999")


def date_key(text: str) -> str | None:
    """`YYYYMMDD`, also of the form `YYYY.MM.DD` of ACR-NEMA; None when it is no date."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, _, month, day = found.groups()
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return None
    return year + month + day


def time_key(text: str, *, fill: tuple[str, str, str] = EARLIEST) -> str | None:
    """`HHMMSS.FFFFFF`, also of the form `HH:MM:SS` of ACR-NEMA; None when it is no time.

    A time that leaves out components is only as precise as what it gives (PS3.5 Table 6.2-1): as the end of a range,
    12 lasts until 12:59:59.999999.
    """
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second, fraction = found.groups()
    digits = fraction + fill[2][len(fraction) :] if fraction else fill[2]
    return f"{hour}{minute or fill[0]}{second or fill[1]}.{digits}"


def integer(text: str) -> int | None:
    """`7`, `07` and `+7` are the same number; None when it is none."""
    found = _INTEGER.fullmatch(text)
    return int(found[1]) if found else None


# -- what meets a key ------------------------------------------------------------


def matches(match: Match, values: Collection[str | int]) -> bool:
    """Whether any of the values meets the key (PS3.4 Section C.2.2.3); values as the functions above give them."""
    match match:
        case Universal():
            return True
        case SingleValue():
            return single_value_matches(match, values)
        case Wildcard():
            return wildcard_matches(match, values)
        case Range():
            return range_matches(match, values)
        case AnyOf():
            return any(matches(one, values) for one in match.matches)
        case AllOf():
            return all(matches(one, values) for one in match.matches)


def single_value_matches(match: SingleValue, values: Collection[str | int]) -> bool:
    """PS3.4 Section C.2.2.2.1; and C.2.2.2.2, where it is one of a list of UIDs."""
    return match.value in values


def wildcard_matches(match: Wildcard, values: Collection[str | int]) -> bool:
    """PS3.4 Section C.2.2.2.4. An attribute without a value is not met."""
    # `translate` takes [ for the beginning of a set; its expression does not backtrack, however many * there are.
    expression = re.compile(translate(match.pattern.replace("[", "[[]")))
    return any(value and expression.match(str(value)) for value in values)


def range_matches(match: Range, values: Collection[str | int]) -> bool:
    """PS3.4 Section C.2.2.2.5."""
    texts = (str(value) for value in values if value)
    return any(match.low <= text and (not match.high or text <= match.high) for text in texts)
