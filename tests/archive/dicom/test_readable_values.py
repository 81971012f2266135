"""Values as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.readable_values import ReadableName, age, clock, day, person_name


@pytest.mark.parametrize(
    ("value", "text", "others"),
    [
        ("Doe^Jane", "Doe, Jane", ""),
        ("Doe^Jane^Mary^Dr.^MD", "Doe, Jane Mary (Dr., MD)", ""),
        ("Doe", "Doe", ""),
        ("^Jane", "Jane", ""),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou", "山田 太郎 · やまだ たろう"),
        ("=山田^太郎", "山田 太郎", ""),
        ("قباني^لنزار", "قباني, لنزار", ""),
        ("", "", ""),
        ("^^^^", "", ""),
        ("==", "", ""),
    ],
)
def test_a_name_begins_with_the_family(value, text, others):
    assert person_name(value) == ReadableName(text, others)


@given(st.text())
def test_any_text_can_be_shown_as_a_name_a_day_or_a_time(text):
    assert person_name(text).text.strip() == person_name(text).text
    assert isinstance(day(text) + clock(text) + age(text, "20240131"), str)


def test_days_and_times_are_never_ambiguous_and_what_is_none_stays():
    assert day("20240131") == "2024-01-31"
    assert (day("20240230"), day("2024"), day("")) == ("20240230", "2024", "")
    assert (clock("101530.25"), clock("1015"), clock("10:15:30")) == ("10:15", "10:15", "10:15")
    assert (clock("10"), clock("noon"), clock("")) == ("10", "noon", "")


@pytest.mark.parametrize(
    ("born", "on", "written"),
    [
        ("19500201", "20240131", "73 y"),
        ("19500131", "20240131", "74 y"),
        ("20220301", "20240229", "23 mo"),
        ("20220228", "20240228", "2 y"),
        ("20240120", "20240131", "11 d"),
        ("20240131", "20240131", "0 d"),
        ("20250101", "20240131", ""),
        ("", "20240131", ""),
        ("19500201", "", ""),
    ],
)
def test_an_age_is_said_in_years_months_or_days(born, on, written):
    assert age(born, on) == written
