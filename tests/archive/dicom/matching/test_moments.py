"""Dates, times and zones, PS3.5 Table 6.2-1."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.dicom.matching.moments import (
    DAY,
    EAST,
    WEST,
    Moment,
    date_key,
    moment,
    offset_minutes,
    shifted,
    shifted_clock,
    shifted_day,
    split_day,
    time_key,
    times_of_dates,
)

#: Of every two zones, how far apart they are.
SHIFTS = st.integers((WEST - EAST) // 15, (EAST - WEST) // 15).map(lambda quarters: quarters * 15)
CLOCKS = st.times().map(lambda time: f"{time:%H%M%S.%f}")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("10", "100000.000000"),
        ("1015", "101500.000000"),
        ("101530", "101530.000000"),
        ("101530.5", "101530.500000"),
        ("10:15:30", "101530.000000"),
        ("235960", "235960.000000"),
        ("24", None),
        ("1", None),
        ("", None),
        ("10153", None),
    ],
)
def test_times_have_one_form_to_compare(text: str, key: str | None):
    assert time_key(text) == key


def test_dates_of_the_older_form_are_dates():
    assert date_key("2013.05.09") == date_key("20130509") == "20130509"
    assert date_key("2013.0509") is None
    assert date_key("00000101") is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("+0100", 60),
        pytest.param(" 0100", 60, id="QIDO-48 a plus that was not encoded"),
        ("-0330", -210),
        ("+1400", EAST),
        ("-1200", WEST),
        ("+1415", None),
        ("+0101", None),
        ("0100", None),
        ("", None),
        ("+01:00", None),
    ],
)
def test_offsets_are_minutes_from_utc(text: str, minutes: int | None):
    assert offset_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "20240101000000.000000", "20241231235959.999999"),
        ("202402", "20240201000000.000000", "20240229235959.999999"),
        ("20240229", "20240229000000.000000", "20240229235959.999999"),
        ("2024022910", "20240229100000.000000", "20240229105959.999999"),
        ("20240229103015", "20240229103015.000000", "20240229103015.999999"),
        ("20240229103015.5", "20240229103015.500000", "20240229103015.599999"),
    ],
)
def test_QIDO_42_a_date_time_is_as_precise_as_what_it_gives(text: str, first: str, last: str):
    assert moment(text) == Moment(first)
    assert moment(text, latest=True) == Moment(last)
    assert moment(f"{text}-0500") == Moment(first, -300)
    assert moment(text, offset=60) == Moment(first, 60)
    assert moment(f"{text} 0100", offset=0) == Moment(first, 60), "its own zone is the one that counts"


@pytest.mark.parametrize(
    "text", ["", "202", "202413", "20240230", "2024022925", "20240229103015.", "2024+9900", "0000", "2024022910301"]
)
def test_what_is_no_date_time(text: str):
    assert moment(text) is None
    assert moment(text, latest=True) is None


def test_QIDO_42_moments_compare_by_utc_where_both_zones_are_known():
    earlier, later = Moment("20240101120000.000000", 60), Moment("20240101113000.000000", 0)
    assert earlier.is_before(later)
    assert not later.is_before(earlier)
    assert Moment(later.local).is_before(earlier), "as the clocks showed"
    assert not earlier.is_before(Moment("20240101110000.000000", 0))


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda when: 1000 < when.year < 9000), SHIFTS)
def test_QIDO_48_a_shift_is_what_the_calendar_says(when: datetime, minutes: int):
    later = when + timedelta(minutes=minutes)
    assert shifted(f"{when:%Y%m%d}", f"{when:%H%M%S.%f}", minutes) == (f"{later:%Y%m%d}", f"{later:%H%M%S.%f}")


def test_the_ends_of_the_calendar_and_leap_seconds_can_be_shifted():
    assert shifted("99991231", "233000.000000", 60) == ("99991231", "003000.000000")
    assert shifted_day("00010101", -1) == "00010101"
    assert shifted("20161231", "235960.000000", 60) == ("20170101", "005960.000000")


@given(CLOCKS, SHIFTS)
@example("000000.000000", 0)
@example("235959.999999", DAY)
def test_a_day_is_split_where_a_shift_changes_the_date(clock: str, minutes: int):
    (days,) = [days for first, before, days in split_day(minutes) if first <= clock < before]
    day, _ = shifted("20240615", clock, minutes)
    assert day == shifted_day("20240615", days)


@given(CLOCKS, CLOCKS, SHIFTS)
def test_times_shifted_to_any_day_compare_with_those_of_this_one(clock: str, other: str, minutes: int):
    moved = shifted_clock(clock, minutes)
    day, there = shifted("20240615", clock, minutes)
    assert (other < moved) is (("20240615", other) < (day, there))
    assert (other > moved) is (("20240615", other) > (day, there))


def test_QIDO_43_every_date_of_the_dictionary_goes_with_the_time_of_its_name():
    pairs = times_of_dates()
    assert pairs["00080020"] == "00080030"
    assert pairs["00400244"] == "00400245"
    assert len(pairs) > 30
