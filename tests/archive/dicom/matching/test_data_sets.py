"""Matching against data sets in the DICOM JSON Model, PS3.4 Section C.2.2.2."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.matching.attribute_paths import PrivateTag, attribute_path, with_creators
from archive.dicom.matching.data_sets import LONGEST_TEXT, data_set_matches, offset_of
from archive.dicom.matching.query_keys import LITERAL, Reading, parse_keys, timezone

ABSENT = None


def element(vr: str, *values: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def sequence(*items: dict[str, Any]) -> dict[str, Any]:
    return element("SQ", *items)


def met(data_set: dict[str, Any], reading: Reading = LITERAL, **keys: str) -> bool:
    """Whether a data set meets keys; `__` stands for the point of a path."""
    values = {attribute_path(name.replace("__", ".")) or (): (text,) if text else () for name, text in keys.items()}
    values = {with_creators(path, values): texts for path, texts in values.items()}
    zone = timezone(values)
    values.pop(("00080201",), None)
    parsed = parse_keys(values, Reading(reading.fuzzy, reading.empty_values, reading.multiple_values, zone))
    return data_set_matches(parsed, data_set, zone)


@pytest.mark.parametrize(
    ("keyword", "stored", "key", "expected"),
    [
        pytest.param("BodyPartExamined", element("CS", "CHEST"), "CHEST", True, id="QIDO-30 exact"),
        pytest.param("BodyPartExamined", element("CS", "CHEST"), "chest", False, id="QIDO-30 case"),
        pytest.param("BodyPartExamined", element("CS", "CHEST "), "CHEST", True, id="QIDO-26 padding"),
        pytest.param("InstitutionName", element("LO", "St. Anna"), "*Anna", True, id="QIDO-32"),
        pytest.param("InstitutionName", element("LO", "100 %"), "1?0 %", True, id="QIDO-36"),
        pytest.param("ImageType", element("CS", "ORIGINAL", "PRIMARY"), "PRIMARY", True, id="QIDO-47 any value"),
        pytest.param("ImageType", element("CS", None, "PRIMARY"), "SECONDARY", False, id="QIDO-47 none of them"),
        pytest.param("InstitutionName", ABSENT, "", True, id="QIDO-35 absent"),
        pytest.param("InstitutionName", ABSENT, "*", True, id="QIDO-34 absent"),
        pytest.param("InstitutionName", ABSENT, "?*", False, id="QIDO-39 absent"),
        pytest.param("InstitutionName", element("LO"), "?*", False, id="QIDO-39 empty"),
        pytest.param("OperatorsName", element("PN", {"Alphabetic": "Müller^Eva"}), "EVA", True, id="QIDO-31"),
        pytest.param("OperatorsName", element("PN", {"Ideographic": "山田^太郎"}), "山*", True, id="QIDO-31 group"),
        pytest.param("OperatorsName", element("LO", "Müller^Eva"), "muller", True, id="QIDO-31 a name of another VR"),
        pytest.param("KVP", element("DS", 120), "120.0", True, id="QIDO-38 DS"),
        pytest.param("KVP", element("DS", "as ever"), "120", False, id="QIDO-38 a number that is none"),
        pytest.param("FrameTime", element("DS", 0.1), "1e-1", True, id="QIDO-38 exponent"),
        pytest.param("RecommendedDisplayFrameRateInFloat", element("FL", 0.10000000149011612), "0.1", True, id="FL"),
        pytest.param("SmallestImagePixelValue", element("SS", -5), "-05", True, id="QIDO-38 US or SS"),
        pytest.param("FrameIncrementPointer", element("AT", "00181063"), "00181063", True, id="an attribute tag"),
        pytest.param("ContentDate", element("DA", "2024.01.31"), "20240131", True, id="QIDO-38 DA of ACR-NEMA"),
        pytest.param("ContentDate", element("DA", "in May"), "20240101-", False, id="QIDO-39 no date"),
        pytest.param("ContentTime", element("TM", "1030"), "10-1030", True, id="QIDO-41"),
        pytest.param("ContentTime", element("TM", "noon"), "00-", False, id="QIDO-39 no time"),
        pytest.param("FrameOfReferenceUID", element("UI", "1.2.3"), "1.2.4,1.2.3", True, id="QIDO-17"),
        pytest.param("PatientAge", element("AS", "030Y"), "030Y", True, id="AS"),
        pytest.param("TextValue", {"vr": "UT", "BulkDataURI": "b"}, "*x*", False, id="a value kept as bulk data"),
        pytest.param("TextValue", element("UT", "x" * (LONGEST_TEXT + 1)), "x*", False, id="a value too long"),
        pytest.param("InstitutionName", element("SQ", {}), "x", False, id="a sequence where none should be"),
    ],
)
def test_a_data_set_meets_a_key(keyword: str, stored: dict[str, Any] | None, key: str, expected: bool):
    (tag,) = attribute_path(keyword) or ()
    assert met({} if stored is None else {str(tag): stored}, **{keyword: key}) is expected


def test_QIDO_16_all_keys_have_to_be_met():
    data_set = {"00180015": element("CS", "CHEST"), "00080080": element("LO", "St. Anna")}
    assert met(data_set, BodyPartExamined="CHEST", InstitutionName="St*")
    assert not met(data_set, BodyPartExamined="CHEST", InstitutionName="No*")
    assert met(data_set)


# -- sequences -------------------------------------------------------------------


def code(value: str, scheme: str, **more: Any) -> dict[str, Any]:
    return {"00080100": element("SH", value), "00080102": element("SH", scheme)} | more


def test_QIDO_46_one_item_has_to_meet_all_keys_of_a_sequence():
    data_set = {"00081032": sequence(code("A", "DCM"), code("B", "SCT"))}
    assert met(data_set, ProcedureCodeSequence__CodeValue="A", ProcedureCodeSequence__CodingSchemeDesignator="DCM")
    assert not met(data_set, ProcedureCodeSequence__CodeValue="A", ProcedureCodeSequence__CodingSchemeDesignator="SCT")
    assert met(data_set, ProcedureCodeSequence__CodeValue="B")
    assert not met({}, ProcedureCodeSequence__CodeValue="B")
    assert not met({"00081032": sequence()}, ProcedureCodeSequence__CodeValue="B")


def test_QIDO_46_a_key_that_is_an_empty_sequence_is_universal():
    assert met({}, ProcedureCodeSequence="", ProcedureCodeSequence__CodeValue="")


def test_QIDO_13_sequences_within_sequences():
    inner = {"0040A170": sequence(code("X", "DCM"), code("Y", "DCM"))}
    data_set = {"00081032": sequence(code("A", "DCM"), code("B", "DCM", **inner))}
    path = "ProcedureCodeSequence__PurposeOfReferenceCodeSequence__CodeValue"
    assert met(data_set, **{path: "Y", "ProcedureCodeSequence__CodeValue": "B"})
    assert not met(data_set, **{path: "Y", "ProcedureCodeSequence__CodeValue": "A"})
    assert met(data_set, **{"00081032__0040A170__00080100": "X"})


# -- private attributes ----------------------------------------------------------


def test_QIDO_20_private_attributes_are_found_by_their_creator_in_any_block():
    data_set = {"00230042": element("LO", "ACME"), "00234201": element("LO", "gold"), "00234202": element("DS", 7)}
    assert data_set_matches(parse_keys({(PrivateTag("00231001", "ACME"),): ("g*",)}), data_set)
    assert data_set_matches(parse_keys({(PrivateTag("00231002", "ACME"),): ("7",)}), data_set)
    assert not data_set_matches(parse_keys({(PrivateTag("00234201", "OTHER"),): ("g*",)}), data_set)
    within = {"00081032": sequence({}, data_set)}
    assert data_set_matches(parse_keys({("00081032", PrivateTag("00231001", "ACME")): ("gold",)}), within)


# -- empty and multiple values ---------------------------------------------------


@pytest.mark.parametrize("stored", [{}, {"00080080": element("LO")}, {"00080080": element("LO", None)}])
def test_QIDO_52_no_value_is_met_by_what_is_empty_or_absent(stored: dict[str, Any]):
    assert met(stored, Reading(empty_values=True), InstitutionName='""')


@pytest.mark.parametrize("stored", [element("LO", "x"), {"vr": "UN", "InlineBinary": "AA=="}, element("LO", None, "x")])
def test_QIDO_52_and_by_nothing_else(stored: dict[str, Any]):
    assert not met({"00080080": stored}, Reading(empty_values=True), InstitutionName='""')


def test_QIDO_52_a_date_that_is_none_is_not_empty():
    assert not met({"00080023": element("DA", "in May")}, Reading(empty_values=True), ContentDate='""')


def test_QIDO_53_all_values_have_to_be_there():
    data_set = {"00080008": element("CS", "ORIGINAL", "PRIMARY", "AXIAL")}
    reading = Reading(multiple_values=True)
    assert met(data_set, reading, ImageType="AXIAL\\ORIGINAL")
    assert not met(data_set, reading, ImageType="AXIAL\\DERIVED")
    assert met(data_set, ImageType="AXIAL,DERIVED"), "QIDO-19"


def test_QIDO_50_names_are_matched_fuzzily():
    data_set = {"00081070": element("PN", {"Alphabetic": "Schmidt^Anna"})}
    assert met(data_set, Reading(fuzzy=True), OperatorsName="an smith")
    assert not met(data_set, OperatorsName="an smith")


# -- dates, times and zones ------------------------------------------------------


def moments(date: str, time: str, offset: str = "") -> dict[str, Any]:
    zone = {"00080201": element("SH", offset)} if offset else {}
    return {"00080023": element("DA", date), "00080033": element("TM", time)} | zone


def test_QIDO_43_a_range_of_dates_with_one_of_times_is_a_range_of_moments():
    keys = {"ContentDate": "20060705-20060707", "ContentTime": "1000-1800"}
    assert met(moments("20060706", "2300"), **keys)
    assert not met(moments("20060705", "0959"), **keys)
    assert not met(moments("20060707", "1801"), **keys)
    assert not met({"00080023": element("DA", "20060706")}, **keys)


def test_QIDO_44_ranges_of_another_form_are_matched_each_alone():
    assert not met(moments("20060706", "2300"), ContentDate="20060705-", ContentTime="1000-1800")
    assert met(moments("20060706", "1100"), ContentDate="20060705-", ContentTime="1000-1800")


def test_QIDO_48_dates_with_times_are_moved_into_the_zone_of_the_query():
    late_in_tokyo = moments("20240131", "0030", "+0900")
    assert met(late_in_tokyo, ContentDate="20240130", TimezoneOffsetFromUTC="+0000")
    assert met(late_in_tokyo, ContentDate="20240130", ContentTime="1530", TimezoneOffsetFromUTC="+0000")
    assert met(late_in_tokyo, ContentTime="15-16", TimezoneOffsetFromUTC=" 0000")
    assert not met(late_in_tokyo, ContentDate="20240131", TimezoneOffsetFromUTC="+0000")
    assert met(late_in_tokyo, ContentDate="20240131"), "without a zone in the query as the clock showed"


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(moments("20240131", "0030"), id="no offset"),
        pytest.param(moments("20240131", "0030", "Tokyo"), id="no such offset"),
        pytest.param({"00080201": element("SH", "+0900"), "00080023": element("DA", "20240131")}, id="no time"),
        pytest.param(moments("20240131", "noon", "+0900"), id="a time that is none"),
    ],
)
def test_QIDO_48_what_cannot_be_moved_is_compared_as_it_stands(stored: dict[str, Any]):
    assert met(stored, ContentDate="20240131", TimezoneOffsetFromUTC="+0000")
    assert not met(stored, ContentDate="20240130", TimezoneOffsetFromUTC="+0000")


def test_QIDO_48_items_are_in_the_zone_of_their_data_set():
    item = {"0040A121": element("DA", "20240131"), "0040A122": element("TM", "0030")}
    data_set = {"00080201": element("SH", "+0900"), "0040A730": sequence(item)}
    assert offset_of(data_set) == 540
    assert met(data_set, ContentSequence__Date="20240130", TimezoneOffsetFromUTC="+0000")


@pytest.mark.parametrize(
    ("stored", "offset", "key", "zone", "expected"),
    [
        pytest.param("20240131003000+0900", "", "20240130153000+0000", "", True, id="QIDO-42 both say it"),
        pytest.param("20240131003000", "+0900", "20240130153000+0000", "", True, id="QIDO-42 the data set's offset"),
        pytest.param("20240131003000+0900", "", "20240130153000", "+0000", True, id="QIDO-48 the zone of the query"),
        pytest.param("20240131003000", "", "20240131003000+0000", "", True, id="QIDO-42 nobody knows"),
        pytest.param("20240131003000+0900", "+0100", "20240130153000+0000", "", True, id="QIDO-42 its own first"),
        pytest.param("20240131003000+0900", "", "20240130-20240130", "+0000", True, id="QIDO-42 range in UTC"),
        pytest.param("20240131003000+0900", "", "20240131-", "+0000", False, id="QIDO-42 range begins later in UTC"),
        pytest.param("20240131103000", "", "20240131103000.0000", "", True, id="QIDO-38 DT"),
        pytest.param("when it was", "", "2024-", "", False, id="QIDO-39 no date and time"),
    ],
)
def test_date_times_compare_with_their_offsets(stored: str, offset: str, key: str, zone: str, expected: bool):
    data_set = {"00080201": element("SH", offset)} if offset else {}
    data_set["0008002A"] = element("DT", stored)
    assert met(data_set, AcquisitionDateTime=key, TimezoneOffsetFromUTC=zone) is expected


_WHEN = st.datetimes(timezones=st.just(UTC)).filter(lambda when: 1000 < when.year < 9000)
_OFFSETS = st.integers(-48, 56).map(lambda quarters: quarters * 15)


def _spelt(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


@given(_WHEN, _OFFSETS, _OFFSETS)
def test_QIDO_48_a_moment_is_found_in_every_zone_by_what_clocks_show_there(when: datetime, here: int, there: int):
    ours, theirs = when + timedelta(minutes=here), when + timedelta(minutes=there)
    stored = moments(f"{ours:%Y%m%d}", f"{ours:%H%M%S.%f}", _spelt(here))
    date, time = f"{theirs:%Y%m%d}", f"{theirs:%H%M%S.%f}"
    for keys in (
        {"ContentDate": date, "ContentTime": time},
        {"ContentDate": f"{date}-{date}", "ContentTime": f"{time}-{time}"},
        {"ContentDate": date},
        {"ContentTime": f"{time}-"},
    ):
        assert met(stored, TimezoneOffsetFromUTC=_spelt(there), **keys)


_TAGS = st.sampled_from(["00080080", "0008002A", "00081032", "00081070", "00180060"])
_JSON = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just({"Alphabetic": "A^B"}),
    lambda inner: st.dictionaries(_TAGS, st.fixed_dictionaries({"Value": st.lists(inner, max_size=3)})),
    max_leaves=8,
)


@given(_TAGS, st.lists(_JSON, max_size=3))
def test_any_data_set_can_be_asked(tag: str, values: list[Any]):
    data_set = {tag: {"vr": "UN", "Value": values}}
    for name in ("InstitutionName", "AcquisitionDateTime", "KVP", "OperatorsName", "ProcedureCodeSequence__CodeValue"):
        assert met(data_set, **{name: "2024"}) in {True, False}
        assert met(data_set, **{name: ""})
