"""Attribute matching, PS3.4 Section C.2.2.2."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.dicom.matching.moments import time_key
from archive.dicom.matching.person_names import search_keys
from archive.dicom.matching.query_keys import parse
from archive.dicom.matching.rules import (
    AllOf,
    SingleValue,
    Wildcard,
    is_reversed,
    matches,
    wildcard_matches,
)


def met(vr: str, key: str, stored: str | int) -> bool:
    """Whether a stored value meets a key, as a search would have it."""
    values: set[str | int] = {stored}
    if vr == "PN":
        values = set(search_keys(str(stored)))
    elif vr == "TM":
        values = {time_key(str(stored)) or ""}
    return matches(parse(vr, [key]), values)


@pytest.mark.parametrize(
    ("vr", "key", "stored", "expected"),
    [
        pytest.param("LO", "abc", "abc", True, id="QIDO-30 exact"),
        pytest.param("LO", "abc", "ABC", False, id="QIDO-30 case"),
        pytest.param("LO", "Muller", "Müller", False, id="QIDO-30 accent"),
        pytest.param("LO", "abc", "abcd", False, id="QIDO-30 whole value"),
        pytest.param("LO", "abc ", "abc", True, id="QIDO-26 padding of the key"),
        pytest.param("PN", "DOE^JANE", "Doe^Jane", True, id="QIDO-31 case"),
        pytest.param("PN", "muller", "Müller^Eva", True, id="QIDO-31 accent, one component"),
        pytest.param("PN", "jane", "Doe^Jane", True, id="QIDO-31 position"),
        pytest.param("PN", "jan", "Doe^Jane", False, id="QIDO-31 whole component"),
        pytest.param("LO", "A*", "ABC", True, id="QIDO-32 any run"),
        pytest.param("LO", "ABC*", "ABC", True, id="QIDO-32 empty run"),
        pytest.param("LO", "A?C", "ABC", True, id="QIDO-32 one character"),
        pytest.param("LO", "A?BC", "ABC", False, id="QIDO-32 exactly one character"),
        pytest.param("LO", "a*", "ABC", False, id="QIDO-32 case"),
        pytest.param("PN", "*OE*", "Doe^Jane", True, id="QIDO-32 case of names"),
        pytest.param("LO", "*", "", True, id="QIDO-34 star meets no value"),
        pytest.param("PN", "**", "", True, id="QIDO-34 star meets no name"),
        pytest.param("LO", "", "", True, id="QIDO-35 empty key"),
        pytest.param("LO", "10%", "100", False, id="QIDO-36 percent"),
        pytest.param("LO", "a_c", "abc", False, id="QIDO-36 underscore"),
        pytest.param("LO", "[ab]*", "a", False, id="QIDO-36 bracket"),
        pytest.param("LO", "[ab]*", "[ab]c", True, id="QIDO-36 bracket itself"),
        pytest.param("LO", "a\\b*", "a\\bc", True, id="QIDO-36 backslash"),
        pytest.param("PN", "smith^john", "Smith^John", True, id="QIDO-37 carets are literal"),
        pytest.param("PN", "smith", "Smith^John", True, id="QIDO-37 one component"),
        pytest.param("PN", "yamada=山田*", "Yamada^Tarou=山田^太郎", True, id="QIDO-37 two groups"),
        pytest.param("PN", "yamada=鈴木*", "Yamada^Tarou=山田^太郎", False, id="QIDO-37 two groups, both to be met"),
        pytest.param("TM", "2230", "223000", True, id="QIDO-38 time"),
        pytest.param("TM", "223000.5", "223000.500000", True, id="QIDO-38 fraction"),
        pytest.param("IS", "07", 7, True, id="QIDO-38 integer"),
        pytest.param("LO", "a", "", False, id="QIDO-39 no value"),
        pytest.param("LO", "?*", "", False, id="QIDO-39 no value, wildcard"),
        pytest.param("DA", "-20300101", "", False, id="QIDO-39 no value, range"),
        pytest.param("DA", "20130509-20130511", "20130509", True, id="QIDO-40 first day"),
        pytest.param("DA", "20130509-20130511", "20130511", True, id="QIDO-40 last day"),
        pytest.param("DA", "20130509-20130511", "20130512", False, id="QIDO-40 after"),
        pytest.param("DA", "-20130511", "19000101", True, id="QIDO-40 open beginning"),
        pytest.param("DA", "20130511-", "20991231", True, id="QIDO-40 open end"),
        pytest.param("DA", "20130511-", "20130510", False, id="QIDO-40 before an open end"),
        pytest.param("TM", "10-12", "120000", True, id="QIDO-41 12:00"),
        pytest.param("TM", "10-12", "125959", True, id="QIDO-41 to the precision given"),
        pytest.param("TM", "10-12", "130000", False, id="QIDO-41 after"),
        pytest.param("TM", "10-1200", "120100", False, id="QIDO-41 to the minute"),
        pytest.param("TM", "10-", "0959", False, id="QIDO-41 before"),
    ],
)
def test_a_stored_value_meets_the_key(vr: str, key: str, stored: str | int, expected: bool):
    assert met(vr, key, stored) is expected


def test_QIDO_43_a_range_of_times_may_cross_midnight_where_dates_go_with_it():
    assert is_reversed(parse("TM", ["2300-0100"]))
    assert not is_reversed(parse("TM", ["2300-"]))
    assert not matches(parse("TM", ["2300-0100"]), {"000000.000000", "233000.000000"})


def test_QIDO_47_a_hit_on_any_value_matches():
    assert matches(parse("CS", ["MR"]), ["CT", "MR"])


def test_QIDO_46_several_keys_of_a_name_are_met_by_different_ones():
    assert matches(AllOf((SingleValue("a"), Wildcard("b*"))), {"a", "bc"})
    assert not matches(AllOf((SingleValue("a"), Wildcard("b*"))), {"a"})


@given(st.dates(), st.dates(), st.dates())
def test_a_range_of_dates_holds_what_is_between_its_ends(low, high, day):
    low, high = sorted((low, high))
    texts = [f"{d.year:04}{d:%m%d}" for d in (low, high, day)]
    assert matches(parse("DA", ["-".join(texts[:2])]), {texts[2]}) is (low <= day <= high)


@given(st.text("ab*?[]^%_\\!-", max_size=8), st.text("ab[]^%_\\!-", min_size=1, max_size=8))
@example("[!a]*", "[!a]b")
def test_wildcards_are_as_the_regular_expression_says(pattern: str, value: str):
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    assert wildcard_matches(Wildcard(pattern), [value]) is bool(re.fullmatch(expression, value, re.DOTALL))


def test_P37_a_long_run_of_stars_takes_no_time():
    assert not wildcard_matches(Wildcard("*a" * 2000 + "b"), ["a" * 60_000])
    assert wildcard_matches(Wildcard("*" * 4000), ["x"])
