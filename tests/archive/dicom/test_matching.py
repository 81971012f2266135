"""Attribute matching, PS3.4 Section C.2.2.2."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.dicom.attribute_paths import MalformedAttribute, attribute_path
from archive.dicom.matching import (
    AllOf,
    AnyOf,
    Range,
    SingleValue,
    Universal,
    Wildcard,
    is_reversed,
    matches,
    wildcard_matches,
)
from archive.dicom.moments import date_key, time_key
from archive.dicom.numbers import integer
from archive.dicom.person_names import search_keys
from archive.dicom.query_keys import LONGEST_LIST, LONGEST_VALUE, MalformedMatch, parse


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


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        pytest.param("DA", "2013-05-09x", id="QIDO-23"),
        pytest.param("DA", "20130229", id="QIDO-23 no such day"),
        pytest.param("DA", "20130511-20130509", id="QIDO-40 reversed"),
        pytest.param("DA", "-", id="QIDO-40 neither end"),
        pytest.param("DA", "2013*", id="QIDO-33 DA"),
        pytest.param("TM", "22*", id="QIDO-33 TM"),
        pytest.param("TM", "2460", id="QIDO-23 no such time"),
        pytest.param("UI", "1.2.*", id="QIDO-33 UI"),
        pytest.param("UI", "1.2 /3", id="QIDO-23 UID"),
        pytest.param("UI", "1" * 65, id="QIDO-23 long UID"),
        pytest.param("IS", "1-5", id="QIDO-45"),
        pytest.param("IS", "1?", id="QIDO-33 IS"),
        pytest.param("US", "a", id="QIDO-23 number"),
        pytest.param("PN", "a=b=c=d", id="too many component groups"),
        pytest.param("LO", "x" * (LONGEST_VALUE + 1), id="too long"),
    ],
)
def test_a_malformed_value_is_refused_without_repeating_it(vr: str, value: str):
    with pytest.raises(MalformedMatch) as error:
        parse(vr, [value])
    assert len(value) < 3 or value not in str(error.value)


def test_QIDO_17_and_18_a_list_of_uids_meets_any_of_them():
    expected = AnyOf((SingleValue("1.2"), SingleValue("1.3")))
    assert parse("UI", ["1.2", "1.3"]) == parse("UI", ["1.2,1.3"]) == parse("UI", ["1.2\\1.3"]) == expected
    assert matches(expected, {"1.3"})
    assert not matches(expected, {"1.2.3"})


def test_QIDO_19_a_list_of_other_values_meets_any_of_them():
    assert parse("CS", ["CT,MR"]) == parse("CS", ["CT", "MR"]) == AnyOf((SingleValue("CT"), SingleValue("MR")))
    assert parse("LO", ["Doe, Jane"]) == SingleValue("Doe, Jane"), "a comma is part of a text"
    assert parse("PN", ["a=b", "c"]) == AnyOf((AllOf((SingleValue("a"), SingleValue("b"))), SingleValue("c")))
    assert parse("LO", ["a*", "*"]) == Universal()
    assert parse("UI", ["1.2", "", "1.2"]) == SingleValue("1.2")


def test_a_list_of_uids_may_be_long_and_another_not():
    assert len(parse("UI", [f"1.{n}" for n in range(LONGEST_LIST * 3)]).matches) == LONGEST_LIST * 3
    with pytest.raises(MalformedMatch):
        parse("LO", [str(n) for n in range(LONGEST_LIST + 1)])


def test_QIDO_43_a_range_of_times_may_cross_midnight_where_dates_go_with_it():
    assert is_reversed(parse("TM", ["2300-0100"]))
    assert not is_reversed(parse("TM", ["2300-"]))
    assert not matches(parse("TM", ["2300-0100"]), {"000000.000000", "233000.000000"})


def test_QIDO_47_a_hit_on_any_value_matches():
    assert matches(parse("CS", ["MR"]), ["CT", "MR"])


def test_QIDO_46_several_keys_of_a_name_are_met_by_different_ones():
    assert matches(AllOf((SingleValue("a"), Wildcard("b*"))), {"a", "bc"})
    assert not matches(AllOf((SingleValue("a"), Wildcard("b*"))), {"a"})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param("PatientID", ("00100020",), id="QIDO-10 keyword"),
        pytest.param("00100020", ("00100020",), id="QIDO-10 tag"),
        pytest.param("0020000d", ("0020000D",), id="QIDO-11"),
        pytest.param("patientid", None, id="QIDO-12"),
        pytest.param("", None, id="no name"),
        pytest.param("00400275.RequestedProcedureID", ("00400275", "00401001"), id="QIDO-13 mixed"),
        pytest.param("RequestAttributesSequence.nothing", None, id="QIDO-13 unknown part"),
        pytest.param("00231001", ("00231001",), id="private"),
    ],
)
def test_an_attribute_is_named_by_tag_or_keyword(name: str, path: tuple[str, ...] | None):
    assert attribute_path(name) == path


@pytest.mark.parametrize("name", ["0020000", "0020000DD", "00400275.4", "0010,0020"])
def test_QIDO_23_what_begins_like_a_tag_has_to_be_one(name: str):
    with pytest.raises(MalformedAttribute):
        attribute_path(name)


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
    ("text", "number"), [("+7", 7), ("-7", -7), ("7.0", 7), ("7.5", None), ("", None), ("٧", None)]
)
def test_integers_are_read_by_their_meaning(text: str, number: int | None):
    assert integer(text) == number


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


@given(st.sampled_from(["AE", "CS", "DA", "IS", "LO", "PN", "SH", "TM", "UI", "US"]), st.lists(st.text(max_size=12)))
def test_any_text_is_a_key_or_malformed(vr: str, values: list[str]):
    try:
        found = parse(vr, values)
    except MalformedMatch:
        return
    assert isinstance(found, Universal | SingleValue | Wildcard | Range | AnyOf | AllOf)
    assert matches(found, []) is (found == Universal())
