"""Dates, times and both together, in forms that compare as texts do (PS3.4 Section C.2.2.2.1, PS3.5 Table 6.2-1).

Offsets from UTC are whole minutes, so that a shift into another zone changes hours, minutes and the date alone.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from pydicom.datadict import keyword_dict

TIMEZONE_OFFSET_FROM_UTC = "00080201"

#: What stands for the components that a value leaves out: its first or its last moment.
EARLIEST, LATEST = ("00", "00", "000000"), ("59", "59", "999999")

DAY = 24 * 60
#: PS3.5 Table 6.2-1: the offsets farthest from UTC.
WEST, EAST = -12 * 60, 14 * 60

_DATE = re.compile(r"([0-9]{4})(\.?)([0-9]{2})\2([0-9]{2})")
_TIME = re.compile(r"([01][0-9]|2[0-3])(?::?([0-5][0-9])(?::?([0-5][0-9]|60)(?:\.([0-9]{1,6}))?)?)?")
#: Every zone in use is whole quarters of an hour from UTC. A `+` that was not percent-encoded has become a space.
_OFFSET = re.compile(r"([+ -])([0-9]{2})(00|15|30|45)")
_DATE_TIME = re.compile(r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})([0-9]{2,6}(?:\.[0-9]{1,6})?)?)?)?([+ -][0-9]{4})?")


def date_key(text: str) -> str | None:
    """`YYYYMMDD`, also of the form `YYYY.MM.DD` of ACR-NEMA; None when it is no date."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, _, month, day = found.groups()
    return year + month + day if _is_date(year, month, day) else None


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


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


def offset_minutes(text: str) -> int | None:
    """An offset from UTC such as `+0100` (PS3.3 Section C.12.1.1.8); None when it is none."""
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    signed = -minutes if found[1] == "-" else minutes
    return signed if WEST <= signed <= EAST else None


# -- DT --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """A value of VR DT.

    Args:
        local: `YYYYMMDDHHMMSS.FFFFFF`.
        offset: minutes from UTC; None when nobody says.
    """

    local: str
    offset: int | None = None

    def is_before(self, other: "Moment") -> bool:
        """By UTC where both know their offset, else as the clocks showed."""
        if self.offset is None or other.offset is None:
            return self.local < other.local
        return self.utc() < other.utc()

    def utc(self) -> str:
        """As a clock in UTC shows it; as it stands when nobody says the offset."""
        return "".join(shifted(self.local[:8], self.local[8:], -(self.offset or 0)))


def moment(text: str, *, offset: int | None = None, latest: bool = False) -> Moment | None:
    """The first or the last moment of a DT, in the zone `offset` unless it names its own; None when it is no DT."""
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, time, zone = found.groups()
    if zone and (offset := offset_minutes(zone)) is None:
        return None
    clock = time_key(time or ("23" if latest else "00"), fill=LATEST if latest else EARLIEST)
    days = _last_day(year, month, day) if latest else date_key(f"{year}{month or '01'}{day or '01'}")
    return Moment(days + clock, offset) if days and clock else None


def _last_day(year: str, month: str | None, day: str | None) -> str | None:
    first = date_key(f"{year}{month or '12'}{day or '01'}")
    if first is None or day:
        return first
    return f"{first[:6]}{monthrange(int(year), int(first[4:6]))[1]}"


# -- into another zone -----------------------------------------------------------


def shifted(day: str, clock: str, minutes: int) -> tuple[str, str]:
    """A date and a time, as the functions above give them, so many minutes later."""
    days, shifted_clock = divmod(_minutes(clock) + minutes, DAY)
    return shifted_day(day, days), _clock(shifted_clock) + clock[4:]


def shifted_day(day: str, days: int) -> str:
    """A date so many days later. The calendar's ends stay where they are."""
    try:
        later = date(int(day[:4]), int(day[4:6]), int(day[6:])) + timedelta(days=days)
    except OverflowError:
        return day
    return f"{later.year:04}{later.month:02}{later.day:02}"


def shifted_clock(clock: str, minutes: int) -> str:
    """A time so many minutes later, to compare with those of the same day: after its end `24...`, before it `00`."""
    total = _minutes(clock) + minutes
    return _clock(total) + clock[4:] if total >= 0 else "00"


def split_day(minutes: int) -> list[tuple[str, str, int]]:
    """A day by what a shift of so many minutes does to it: from this time, before that one, so many days later.

    >>> split_day(90)
    [('0000', '2230', 0), ('2230', '2400', 1)]
    """
    days, past = divmod(minutes, DAY)
    midnight = _clock(DAY - past)
    parts = [("0000", midnight, days), (midnight, "2400", days + 1)]
    return parts if past else parts[:1]


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[2:4])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}{minutes % 60:02}"


# -- which date goes with which time ---------------------------------------------


@cache
def times_of_dates() -> Mapping[str, str]:
    """The tags of dates, with those of the times beside them: Series Date and Series Time."""
    return {
        f"{tag:08X}": f"{keyword_dict[time]:08X}"
        for keyword, tag in keyword_dict.items()
        if keyword.endswith("Date") and (time := f"{keyword.removesuffix('Date')}Time") in keyword_dict
    }
