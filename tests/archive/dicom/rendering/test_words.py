"""Names, dates, times and numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.words import date, date_time, family_first, number, person_name, printable, time, words
from tests.archive.dicom.rendering.shown import attributes


@pytest.mark.parametrize(
    ("groups", "name"),
    [
        ({"Alphabetic": "Doe^Jane"}, "Jane Doe"),
        ({"Alphabetic": "Doe"}, "Doe"),
        ({"Alphabetic": "Doe^^^^MD^PhD"}, "Doe, MD PhD"),
        (
            {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"},
            "Tarou Yamada (山田 太郎, やまだ たろう)",
        ),
        ({"Ideographic": "山田^太郎"}, "山田 太郎"),
        ({"Alphabetic": "^^^^"}, ""),
        ({}, ""),
    ],
)
def test_names_are_written_as_they_are_spoken(groups, name):
    assert person_name(groups) == name


@pytest.mark.parametrize(
    ("alphabetic", "name"),
    [
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams, John Robert Quincy, Rev., B.A. M.Div."),
        ("Morrison-Jones^Susan^^^Ph.D.", "Morrison-Jones, Susan, Ph.D."),
        ("^John", "John"),
        (" Doe ^ Jane ", "Doe, Jane"),
        ("A^B^C^D^E^F^G", "A, B C, D, E F G"),
    ],
)
def test_or_with_the_family_first(alphabetic, name):
    """The examples of PS3.5 Section 6.2.1, and others."""
    assert person_name({"Alphabetic": alphabetic}, family_first) == name


@pytest.mark.parametrize(
    ("write", "stored", "written"),
    [
        (date, "20240131", "2024-01-31"),
        (date, "2024.01.31", "2024-01-31"),
        (date, "202401", "2024-01"),
        (date, "31 Jan", "31 Jan"),
        (time, "1015", "10:15"),
        (time, "10:15:30", "10:15:30"),
        (time, "101530.120", "10:15:30.12"),
        (time, "noon", "noon"),
        (date_time, "2024", "2024"),
        (date_time, "2024013110", "2024-01-31 10"),
        (date_time, "20240131101530-0330", "2024-01-31 10:15:30 -03:30"),
        (date_time, "tomorrow", "tomorrow"),
    ],
)
def test_dates_and_times_are_written_as_in_iso_8601_or_as_they_stand(write, stored, written):
    assert write(stored) == written


def test_numbers_have_no_digits_that_single_precision_made_up():
    assert [number(value) for value in (12.345000267028809, 3.0, -0.5)] == ["12.345", "3", "-0.5"]


@given(st.text())
def test_what_is_shown_has_no_control_characters_and_stays_as_it_is(text):
    once = printable(text)
    assert all(character in "\n\t" or character.isprintable() or ord(character) > 0x9F for character in once)
    assert printable(once) == once


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")))
def test_what_can_be_shown_is_kept(text):
    assert printable(text) == text.strip()


@pytest.mark.parametrize(
    ("element", "said"),
    [
        (None, ""),
        ({"vr": "UT"}, ""),
        ({"vr": "LO", "Value": ["one", None, "two"]}, "one, two"),
        ({"vr": "SQ", "Value": [{}, None]}, ""),
        ({"vr": "DS", "Value": [1.5, "abc"]}, "1.5, abc"),
        ({"vr": "DS", "Value": ["1.50"]}, "1.50"),
        ({"vr": "UN", "InlineBinary": "w6QA"}, "ä"),
        ({"vr": "FD", "BulkDataURI": "https://archive/1"}, "nan"),
        ({"vr": "UT", "BulkDataURI": "https://archive/1"}, "ø" * 4),
    ],
)
def test_values_of_any_vr_are_in_words(element, said):
    has = attributes({"0040A160": element} if element else {})
    bulk = bytes.fromhex("000000000000f87f") if element and element["vr"] == "FD" else ("ø" * 4).encode() + b" "
    assert words(type(has)(has.data_set, {"0040A160": bulk}.__getitem__), "0040A160") == said
