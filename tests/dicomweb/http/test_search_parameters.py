"""The query of a search, PS3.18 Section 8.3.4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.matching.attribute_paths import AttributePath, PrivateTag
from archive.dicom.matching.query_strings import MOST_PARAMETERS, UNLIMITED
from dicomweb.http.search_parameters import (
    MalformedParameters,
    SearchParameters,
    parse,
)

PATIENT_ID, PATIENT_NAME, STUDY_UID = ("00100020",), ("00100010",), ("0020000D",)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        pytest.param("PatientID=X", {PATIENT_ID: ("X",)}, id="QIDO-10 keyword"),
        pytest.param("00100020=X", {PATIENT_ID: ("X",)}, id="QIDO-10 tag"),
        pytest.param("0020000d=1.2", {STUDY_UID: ("1.2",)}, id="QIDO-11"),
        pytest.param("patientid=X&foo=1&accept=a/b", {}, id="QIDO-12"),
        pytest.param("RequestAttributesSequence.00400009=X", {("00400275", "00400009"): ("X",)}, id="QIDO-13"),
        pytest.param("PatientName=M%C3%BCller", {PATIENT_NAME: ("Müller",)}, id="QIDO-14 UTF-8"),
        pytest.param("PatientID=%23%5B%26%3D%2C%5D", {PATIENT_ID: ("#[&=,]",)}, id="QIDO-14 reserved"),
        pytest.param("PatientID=a=b", {PATIENT_ID: ("a=b",)}, id="QIDO-14 equals sign"),
        pytest.param("PatientName=Doe+Jane", {PATIENT_NAME: ("Doe Jane",)}, id="plus is a space"),
        pytest.param("00080201=%2B0100", {("00080201",): ("+0100",)}, id="QIDO-48 encoded plus"),
        pytest.param("PatientID=X&PatientName=Y", {PATIENT_ID: ("X",), PATIENT_NAME: ("Y",)}, id="QIDO-16"),
        pytest.param("StudyInstanceUID=1.2,1.3", {STUDY_UID: ("1.2", "1.3")}, id="QIDO-17"),
        pytest.param("StudyInstanceUID=1.2&0020000D=1.3", {STUDY_UID: ("1.2", "1.3")}, id="QIDO-15 UIDs"),
        pytest.param("StudyInstanceUID=1.2%5C1.3", {STUDY_UID: ("1.2\\1.3",)}, id="QIDO-18"),
        pytest.param("PatientID=a,b", {PATIENT_ID: ("a", "b")}, id="QIDO-19"),
        pytest.param("", {}, id="QIDO-25 nothing"),
        pytest.param("&&PatientID=X&", {PATIENT_ID: ("X",)}, id="QIDO-25 empty components"),
        pytest.param("PatientName=", {PATIENT_NAME: ()}, id="QIDO-35"),
        pytest.param("PatientName", {PATIENT_NAME: ()}, id="QIDO-35 without equals sign"),
        pytest.param("&" * 2000 + "PatientID=X", {PATIENT_ID: ("X",)}, id="empty components do not count"),
    ],
)
def test_the_keys_and_values_of_a_query(query: str, matches: dict[tuple[str, ...], tuple[str, ...]]):
    assert parse(query).matches == matches


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("PatientID=a&00100020=a", id="QIDO-15"),
        pytest.param("0020000=1", id="QIDO-23 seven digits"),
        pytest.param("limit=abc", id="QIDO-23 limit"),
        pytest.param("limit=-1", id="QIDO-73 negative limit"),
        pytest.param("offset=1.5", id="QIDO-73 offset"),
        pytest.param("limit=", id="QIDO-73 empty limit"),
        pytest.param("limit=%D9%A7", id="QIDO-73 other digits"),
        pytest.param("limit=1&limit=2", id="repeated limit"),
        pytest.param("limit=1,2", id="QIDO-73 two limits"),
        pytest.param("fuzzymatching=yes", id="QIDO-54"),
        pytest.param("emptyvaluematching=1", id="QIDO-54 emptyvaluematching"),
        pytest.param("multiplevaluematching=TRUE", id="QIDO-54 multiplevaluematching"),
        pytest.param("fuzzymatching=true&fuzzymatching=true", id="QIDO-54 repeated"),
        pytest.param("00231001=x", id="QIDO-20 without creator"),
        pytest.param("00230010=&00231001=x", id="QIDO-20 with an empty creator"),
        pytest.param("00230011=ACME&00231001=x", id="QIDO-20 with the creator of another block"),
        pytest.param("PatientName=%FF", id="QIDO-14 no UTF-8"),
        pytest.param("PatientName=a%00b", id="QIDO-26 NUL"),
        pytest.param("includefield=0020000", id="includefield of seven digits"),
        pytest.param("&".join(["a=b"] * (MOST_PARAMETERS + 1)), id="too many parameters"),
        pytest.param("StudyInstanceUID=" + ",".join(["1"] * (MOST_PARAMETERS + 1)), id="too many values"),
        pytest.param("StudyInstanceUID=" + "%2c".join(["1"] * (MOST_PARAMETERS + 1)), id="too many encoded values"),
    ],
)
def test_a_malformed_query_is_refused(query: str):
    with pytest.raises(MalformedParameters):
        parse(query)


@pytest.mark.parametrize(
    "query",
    [
        "includefield=00081030&includefield=PatientAge",
        "includefield=StudyDescription,00101010",
        "includefield=StudyDescription%2C00101010",
        "includefield=StudyDescription,unknown,PatientAge,StudyDescription,",
    ],
)
def test_QIDO_60_every_spelling_of_includefield_names_the_same_attributes(query: str):
    assert parse(query).include == (("00081030",), ("00101010",))


def test_QIDO_60_a_field_within_a_sequence():
    assert parse("includefield=00400275.RequestedProcedureID").include == (("00400275", "00401001"),)


ACME = PrivateTag("00231001", "ACME")


@pytest.mark.parametrize(
    ("query", "matches", "include"),
    [
        pytest.param("00230010=ACME&00231001=x", {(ACME,): ("x",)}, (), id="QIDO-20"),
        pytest.param("00231001=x&00230010=ACME", {(ACME,): ("x",)}, (), id="QIDO-20 in any order"),
        pytest.param("00230010=ACME&includefield=00231001", {}, ((ACME,),), id="QIDO-65"),
        pytest.param("includefield=00231001,PatientID", {}, (PATIENT_ID,), id="QIDO-66 without its creator"),
        pytest.param("00230010=ACME", {("00230010",): ("ACME",)}, (), id="a creator alone is a key"),
        pytest.param(
            "00400275.00230010=ACME&00400275.00231001=x", {("00400275", ACME): ("x",)}, (), id="QIDO-20 in a sequence"
        ),
    ],
)
def test_private_attributes_belong_to_their_creators(
    query: str, matches: dict[AttributePath, tuple[str, ...]], include: tuple[AttributePath, ...]
):
    parameters = parse(query)
    assert parameters.matches == matches
    assert parameters.include == include


def test_QIDO_61_and_62_all_may_come_with_other_fields():
    parameters = parse("includefield=all&includefield=PatientAge")
    assert parameters.include_all
    assert parameters.include == (("00101010",),)


def test_an_attribute_that_is_included_is_a_key_all_the_same():
    assert parse("PatientID=X&includefield=PatientID").matches == {PATIENT_ID: ("X",)}


def test_QIDO_67_limit_and_offset():
    assert parse("") == SearchParameters()
    parameters = parse("limit=0&offset=007")
    assert (parameters.limit, parameters.offset) == (0, 7)
    assert parse("limit=" + "9" * 5000).limit == UNLIMITED


@pytest.mark.parametrize("name", ["fuzzymatching", "emptyvaluematching", "multiplevaluematching"])
def test_switches_are_true_or_false(name: str):
    assert getattr(parse(f"{name}=true"), name) is True
    assert getattr(parse(f"{name}=false"), name) is False


@given(st.text(st.sampled_from("PatientID=&,%2C+.*0123limitoffset\x00é"), max_size=60))
def test_any_query_is_understood_or_malformed(query: str):
    try:
        parameters = parse(query)
    except MalformedParameters:
        return
    assert all(value for values in parameters.matches.values() for value in values)


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("PatientID=X&limit=1&accept=a/b&Charset=utf-8&FuzzyMatching=true", ()),
        ("patientid=X&_=1&_=2", ("patientid", "_")),
        ("includefield=PatientID,all,PatientIdd&includefield=", ("PatientIdd",)),
    ],
)
def test_what_is_neither_an_attribute_nor_a_parameter_is_known(query: str, unknown: tuple[str, ...]):
    assert parse(query).unknown == unknown


def test_parameters_are_read_in_any_case():
    assert parse("Limit=5&OFFSET=6&IncludeField=all") == SearchParameters(limit=5, offset=6, include_all=True)
