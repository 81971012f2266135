"""Attributes by name and by creator, PS3.18 Section 8.3.1.1."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.matching.attribute_paths import (
    DEEPEST_PATH,
    AttributePath,
    MalformedAttribute,
    PrivateTag,
    attribute_path,
    creators_of,
    find,
    is_multi_valued,
    name_of,
    resembles_attribute,
    select,
    vr_of,
    with_creators,
)

ACME = PrivateTag("00231001", "ACME")


def lo(*values: str) -> dict[str, Any]:
    return {"vr": "LO", "Value": list(values)}


def sq(*items: dict[str, Any]) -> dict[str, Any]:
    return {"vr": "SQ", "Value": list(items)}


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


def test_a_path_may_be_deep_and_not_deeper_than_any_data_set():
    assert len(attribute_path(".".join(["ContentSequence"] * DEEPEST_PATH)) or ()) == DEEPEST_PATH
    for name in (".".join(["ContentSequence"] * (DEEPEST_PATH + 1)), ".".join(["0040A730"] * 100_000)):
        with pytest.raises(MalformedAttribute):
            attribute_path(name)


@given(st.text(st.sampled_from("0123ABF.abPatientID,é*"), max_size=24))
def test_any_name_is_an_attribute_or_none_or_malformed(name: str):
    try:
        path = attribute_path(name)
    except MalformedAttribute:
        return
    assert path is None or attribute_path(name_of(path)) == path


def test_QIDO_20_a_private_attribute_is_that_of_the_creator_in_the_same_query():
    values = {("00230010",): ("ACME",), ("00231001",): ("x",), ("00100020",): ("P",)}
    assert with_creators(("00231001",), values) == (ACME,)
    assert with_creators(("00100020",), values) == ("00100020",)
    assert creators_of((ACME,)) == [("00230010",)]
    assert str(ACME) == "00231001"


def test_QIDO_20_within_a_sequence_its_creator_is_named_there():
    values = {("00400275", "00230010"): ("ACME",), ("00231001",): ()}
    assert with_creators(("00400275", "00231001"), values) == ("00400275", ACME)
    assert creators_of(("00400275", ACME)) == [("00400275", "00230010")]
    with pytest.raises(MalformedAttribute):
        with_creators(("00231001",), values)


@pytest.mark.parametrize("creators", [(), ("A", "B")], ids=["none", "two"])
def test_QIDO_20_a_private_attribute_without_one_creator_is_malformed(creators: tuple[str, ...]):
    with pytest.raises(MalformedAttribute, match="00231001"):
        with_creators(("00231001",), {("00230010",): creators})


def test_the_vr_is_that_of_the_dictionary():
    assert [vr_of(tag) for tag in ("00100010", "00400275", "00091001", ACME)] == ["PN", "SQ", "UN", "UN"]
    assert vr_of(PrivateTag("00191010", "SIEMENS CT VA0  COAD")) == "IS"


def test_how_many_values_an_attribute_may_have():
    assert is_multi_valued("00080061")
    assert not is_multi_valued("00100020")
    assert is_multi_valued(ACME)
    assert is_multi_valued("00100099")


def test_QIDO_20_the_block_in_the_query_need_not_be_that_of_the_data_set():
    data_set = {"00230010": lo("OTHER"), "00230042": lo("ACME "), "00231001": lo("theirs"), "00234201": lo("ours")}
    assert find(data_set, ACME) == ("00234201", lo("ours"))
    assert find(data_set, "00231001") == ("00231001", lo("theirs"))
    assert find(data_set, PrivateTag("00231002", "ACME")) is None
    assert find({"00230010": {"vr": "LO"}, "00231001": lo("x")}, ACME) is None


@pytest.mark.parametrize(
    ("paths", "selected"),
    [
        pytest.param([("00100020",)], {"00100020": lo("P")}, id="an attribute"),
        pytest.param([("00100030",)], {}, id="QIDO-66 one that it does not have"),
        pytest.param(
            [(ACME,)], {"00230042": lo("ACME"), "00234201": lo("x")}, id="QIDO-65 a private one with its creator"
        ),
        pytest.param([("00400275", "00400009")], {"00400275": sq({"00400009": lo("S")}, {})}, id="QIDO-60 in an SQ"),
        pytest.param(
            [("00400275",), ("00400275", "00400009")],
            {"00400275": sq({"00400009": lo("S"), "00401001": lo("R")}, {})},
            id="a sequence whole",
        ),
        pytest.param([("00400276", "00400009")], {"00400276": {"vr": "SQ"}}, id="an empty sequence"),
        pytest.param([("00100020", "00400009")], {"00100020": lo("P")}, id="what is no sequence here"),
    ],
)
def test_what_paths_select_of_a_data_set(paths: list[AttributePath], selected: dict[str, Any]):
    data_set = {
        "00100020": lo("P"),
        "00230042": lo("ACME"),
        "00234201": lo("x"),
        "00400275": sq({"00400009": lo("S"), "00401001": lo("R")}, {}),
        "00400276": {"vr": "SQ"},
    }
    assert select(data_set, paths) == selected


@pytest.mark.parametrize(
    ("name", "resembles"),
    [
        ("WorklistLable", True),
        ("worklistlabel", True),
        ("WORKLISTLABEL", True),
        ("ScheduledStationNameCodeSequence.CodeValu", True),
        ("station.code", True),
        ("Limits", True),
        ("_", False),
        ("token", False),
        ("cache-buster", False),
        ("X-Request", False),
        ("AB", False),
        ("", False),
    ],
)
def test_what_is_no_attribute_may_seem_to_be_meant_as_one(name: str, resembles: bool):
    assert attribute_path(name) is None
    assert resembles_attribute(name) is resembles
