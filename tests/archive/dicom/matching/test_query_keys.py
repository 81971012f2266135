"""The keys of a query, PS3.18 Section 8.3.4.1 and PS3.4 Section C.2.2.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.matching.attribute_paths import PrivateTag, attribute_path
from archive.dicom.matching.moments import Moment
from archive.dicom.matching.person_names import search_keys, sounds
from archive.dicom.matching.query_keys import (
    EMPTY_VALUE_VRS,
    LONGEST_LIST,
    LONGEST_UID_LIST,
    LONGEST_VALUE,
    MOST_WORDS,
    MULTIPLE_VALUE_VRS,
    MalformedMatch,
    Reading,
    parse,
    parse_keys,
    timezone,
)
from archive.dicom.matching.rules import (
    AllOf,
    AnyOf,
    MomentRange,
    NoValue,
    Range,
    SingleValue,
    SoundsLike,
    Universal,
    Wildcard,
    matches,
)

FUZZY, EMPTY, MULTIPLE = Reading(fuzzy=True), Reading(empty_values=True), Reading(multiple_values=True)

#: PS3.5 Table 6.2-1, without SQ and the VRs of bytes.
VRS = [
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN"),
    *("SH", "SL", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UR", "US", "UT", "UV"),
]


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


def test_a_malformed_value_is_named_by_its_attribute():
    with pytest.raises(MalformedMatch, match=r"^0040A370\.00404005: A value is not a date with a time"):
        parse_keys({("00100020",): ("1",), ("0040A370", "00404005"): ("today",)})


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
    with pytest.raises(MalformedMatch):
        parse("UI", ["\\".join(str(n) for n in range(LONGEST_UID_LIST + 1))])


def test_QIDO_38_numbers_are_read_by_their_meaning():
    assert parse("IS", ["07"]) == parse("IS", ["7"]) == SingleValue(7)
    assert parse("DS", ["1.50"]) == parse("DS", ["15e-1"]) == SingleValue(1.5)
    assert parse("AT", ["0020000d"]) == SingleValue("0020000D")


def test_QIDO_33_what_has_no_wildcards_is_literal():
    assert parse("AS", ["0??Y"]) == SingleValue("0??Y")


# -- date and time in one --------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("20240101-20240102", Moment("20240101000000.000000"), Moment("20240102235959.999999")),
        ("20240101-", Moment("20240101000000.000000"), None),
        ("-2024", None, Moment("20241231235959.999999")),
        ("2024-2025", Moment("20240101000000.000000"), Moment("20251231235959.999999")),
        ("2024010110-0500", Moment("20240101100000.000000", -300), Moment("20240101100000.000000", -300)),
        ("2024010110-0500-", Moment("20240101100000.000000", -300), None),
        ("-2024010110-0500", None, Moment("20240101105959.999999", -300)),
        (
            "2024010110-0500-2024010210+0100",
            Moment("20240101100000.000000", -300),
            Moment("20240102105959.999999", 60),
        ),
    ],
)
def test_QIDO_42_a_hyphen_begins_an_offset_or_the_end_of_a_range(value: str, low: Moment | None, high: Moment | None):
    assert parse("DT", [value]) == MomentRange(low, high)


@pytest.mark.parametrize(
    "value",
    ["2024*", "20240230", "-", "2025-2024", "2024010110-0500-2024010110+0100", "2024-x", "1" * 4000, "-" * 4000],
)
def test_QIDO_23_what_is_no_date_with_a_time_is_malformed(value: str):
    with pytest.raises(MalformedMatch):
        parse("DT", [value])


def test_QIDO_48_the_zone_of_the_query_is_that_of_values_that_name_none():
    at_ten, at_ten_in_utc = Moment("20240101100000.000000", 60), Moment("20240101100000.000000", 0)
    in_zone = Reading(timezone=60)
    assert parse("DT", ["2024010110"], in_zone) == MomentRange(at_ten, at_ten)
    assert parse("DT", ["2024010110+0000"], in_zone) == MomentRange(at_ten_in_utc, at_ten_in_utc)


@pytest.mark.parametrize(("texts", "minutes"), [((), None), (("+0100",), 60), ((" 0100",), 60), (("-0500",), -300)])
def test_QIDO_48_a_query_names_its_zone(texts: tuple[str, ...], minutes: int | None):
    assert timezone({("00080201",): texts}) == minutes


@pytest.mark.parametrize("texts", [("CET",), ("+01:00",), ("+0100", "+0200")])
def test_QIDO_23_what_is_no_zone_is_malformed(texts: tuple[str, ...]):
    with pytest.raises(MalformedMatch):
        timezone({("00080201",): texts})


# -- fuzzy, empty and multiple values --------------------------------------------


@pytest.mark.parametrize(
    ("key", "name", "met"),
    [
        ("smith", "Schmidt^Anna", True),
        ("schmitt", "SMITH^JOHN", True),
        ("kathryn meyer", "Maier^Catherine", True),
        ("jo smi", "Smith^John", True),
        ("john^smith", "Smith^John", True),
        ("Doe, Jane", "Doe^Jane", True),
        ("mueller", "Müller^Eva", True),
        ("jones", "Smith-Jones^Amy", True),
        ("smith-jonas", "Jones-Smith^Amy", True),
        ("smith-jonas", "Smith^Amy", False),
        ("山", "Yamada^Tarou=山田^太郎", True),
        ("tarou 山田", "Yamada^Tarou=山田^太郎", True),
        ("*mit*", "Smith^John", True),
        ("*mit* jo?n", "Smith^John", True),
        ("smith peter", "Smith^John", False),
        ("ith", "Smith^John", False),
        ("mit*", "Smith^John", False),
        ("smith", "", False),
        ("j", "Smith^John", True),
        ("q", "Smith^John", False),
    ],
)
def test_QIDO_50_fuzzy_names_begin_so_or_sound_so_in_any_order(key: str, name: str, met: bool):
    assert matches(parse("PN", [key], FUZZY), search_keys(name)) is met


def test_QIDO_50_fuzzy_matching_is_of_names_alone():
    assert parse("LO", ["smith"], FUZZY) == SingleValue("smith")
    assert parse("PN", ["smith"]) == SingleValue("smith")
    assert parse("PN", ["smith"], FUZZY) == AnyOf((Wildcard("smith*"), SoundsLike(sounds("smith"))))


@pytest.mark.parametrize("vr", ["AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "IS", "PN", "TM", "UI", "US", "UT"])
def test_QIDO_34_a_star_alone_is_universal_whatever_the_vr(vr: str):
    assert parse(vr, ["*"]) == parse(vr, ["**"]) == Universal()


@pytest.mark.parametrize("value", ["*", "**", "* *"])
def test_QIDO_34_a_fuzzy_star_is_universal(value: str):
    assert parse("PN", [value], FUZZY) == Universal()


def test_P37_a_fuzzy_name_without_words_is_literal():
    assert parse("PN", [","], FUZZY) == SingleValue(",")
    assert parse("PN", ['"'], FUZZY) == Wildcard('"*')


def test_a_fuzzy_name_of_many_words_is_refused():
    assert isinstance(parse("PN", [" ".join(map(str, range(MOST_WORDS)))], FUZZY), AllOf)
    with pytest.raises(MalformedMatch):
        parse("PN", [" ".join(map(str, range(MOST_WORDS + 1)))], FUZZY)


_WORDS = st.text(st.characters(max_codepoint=0x24F, categories=["Lu", "Ll"]) | st.sampled_from("山田・-'"), min_size=1)


@given(_WORDS, _WORDS)
def test_QIDO_50_whoever_has_the_words_is_found_by_them_in_any_order(first: str, last: str):
    assert matches(parse("PN", [f"{first} {last}"], FUZZY), search_keys(f"{last}^{first}"))


@pytest.mark.parametrize("vr", sorted(EMPTY_VALUE_VRS))
def test_QIDO_52_two_quotation_marks_ask_for_no_value(vr: str):
    match = parse(vr, ['""'], EMPTY)
    assert match == NoValue()
    assert matches(match, [])
    assert not matches(match, ["x"])


def test_QIDO_52_they_are_a_value_where_nobody_asks_for_empty_ones_or_the_vr_has_none():
    assert parse("LO", ['""']) == SingleValue('""')
    assert parse("CS", ['""', "CT"], EMPTY) == AnyOf((NoValue(), SingleValue("CT")))
    for vr in ("IS", "UI", "DS"):
        with pytest.raises(MalformedMatch):
            parse(vr, ['""'], EMPTY)
    assert {"AE", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"} == EMPTY_VALUE_VRS


@pytest.mark.parametrize("vr", sorted(MULTIPLE_VALUE_VRS))
def test_QIDO_53_several_values_have_to_be_there_together(vr: str):
    for values in (["A1", "B*"], ["A1\\B*"]):
        match = parse(vr, values, MULTIPLE)
        assert match == AllOf(
            (SingleValue("a1"), SingleValue("b*")) if vr == "PN" else (SingleValue("A1"), SingleValue("B*"))
        )


def test_QIDO_53_other_attributes_have_any_of_them():
    assert {"AE", "AS", "AT", "CS", "LO", "PN", "SH", "UC"} == MULTIPLE_VALUE_VRS
    either = AnyOf((SingleValue("A"), SingleValue("B")))
    assert parse("LO", ["A", "B"], MULTIPLE, multi_valued=False) == either
    assert parse("ST", ["A", "B"], MULTIPLE) == either
    assert parse("CS", ["C*"], MULTIPLE) == Wildcard("C*"), "a single value is one as ever"


# -- the keys together -----------------------------------------------------------


def test_each_key_is_read_by_the_vr_of_its_attribute():
    values = {
        attribute_path("InstanceNumber"): ("07",),
        attribute_path("OtherPatientIDs"): ("A", "B"),
        attribute_path("PatientID"): ("A", "B"),
        attribute_path("RequestAttributesSequence.RequestedProcedureID"): ("R*",),
        (PrivateTag("00231001", "ACME"),): ("x?",),
        attribute_path("PatientName"): (),
    }
    assert list(parse_keys(values, MULTIPLE).values()) == [
        SingleValue(7),
        AllOf((SingleValue("A"), SingleValue("B"))),
        AnyOf((SingleValue("A"), SingleValue("B"))),
        Wildcard("R*"),
        Wildcard("x?"),
        Universal(),
    ]


def test_QIDO_41_a_range_of_times_crosses_midnight_only_with_dates_of_its_form_beside_it():
    date, time = attribute_path("ContentDate"), attribute_path("ContentTime")
    assert parse_keys({date: ("20240101-20240102",), time: ("2300-0100",)})[time] == Range(
        "230000.000000", "010059.999999"
    )
    for values in ({time: ("2300-0100",)}, {date: ("20240101-",), time: ("2300-0100",)}):
        with pytest.raises(MalformedMatch):
            parse_keys(values)


@given(
    st.sampled_from([*VRS, "UN", "US or SS"]),
    st.lists(st.text(max_size=12) | st.text('0123456789-*?"\\,. +', max_size=30), max_size=4),
    st.builds(Reading, st.booleans(), st.booleans(), st.booleans(), st.none() | st.just(60)),
)
def test_any_text_is_a_key_or_malformed(vr: str, values: list[str], reading: Reading):
    try:
        found = parse(vr, values, reading)
    except MalformedMatch:
        return
    assert matches(found, []) is (
        found in {Universal(), NoValue()} or (isinstance(found, AnyOf) and NoValue() in found.matches)
    )
