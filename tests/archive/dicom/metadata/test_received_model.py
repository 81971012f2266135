"""Metadata as clients send them (PS3.18 Annex F): what is understood, what is refused, and nothing in between."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import MalformedAttribute, MalformedMetadata
from archive.dicom.metadata import json_reader, received_model
from archive.dicom.reading.data_set import DEEPEST_NESTING
from tests.archive.dicom.models import data_sets


def read(document: str | bytes, **options: bool) -> received_model.Received:
    """What a data set written as JSON is read as."""
    text = document.encode() if isinstance(document, str) else document
    (raw,) = json_reader.instances(b"[%b]" % text)
    return received_model.read(raw, **options)


def element(text: str, tag: str = "00091001") -> dict[str, Any]:
    return read(f'{{"{tag}": {text}}}').data_set[tag]


def values(vr: str, text: str) -> Any:
    return element(f'{{"vr": "{vr}", "Value": {text}}}').get("Value")


# -- the document ----------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[{]", id="no-json"),
        pytest.param(b"[] []", id="two-documents"),
        pytest.param(b"{}", id="an-object"),
        pytest.param(b'"text"', id="a-text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="STOW-45-no-instance"),
        pytest.param(b'[{"00100020": {"vr": "LO", "Value": ["\xff"]}}]', id="not-utf-8"),
        pytest.param(b'[{"00280010": {"vr": "FD", "Value": [NaN]}}]', id="nan"),
        pytest.param(b'[{"00280010": {"vr": "FD", "Value": [-Infinity]}}]', id="infinity"),
        pytest.param(b'[{"00100020": {"vr": "LO"}, "00100020": {"vr": "LO"}}]', id="JSON-28-one-tag-twice"),
        pytest.param(b'[{"00100020": {"vr": "LO", "vr": "SH"}}]', id="one-member-twice"),
        pytest.param(b"[" * 100_000, id="nested-without-end"),
        pytest.param(b'[{"0": ' * 5_000, id="objects-without-end"),
    ],
)
def test_STOW_44_what_is_no_array_of_json_is_malformed(document):
    with pytest.raises(MalformedMetadata):
        json_reader.instances(document)


def test_a_byte_order_mark_is_passed_over():
    assert json_reader.instances(b"\xef\xbb\xbf[{}, {}]") == [{}, {}]


def test_more_values_than_there_can_be_in_metadata_are_refused(monkeypatch):
    monkeypatch.setattr(json_reader, "MOST_VALUES", 10)

    assert json_reader.instances(b"[1,2,3,4,5,6,7,8,9,10]")
    with pytest.raises(MalformedMetadata, match="more than 10 values"):
        json_reader.instances(b"[1,2,3,4,5,6,7,8,9,10,11]")


@pytest.mark.parametrize("document", [b'{"00100020": {"vr": "LO"}}', b' [{"00100020": {"vr": "LO"}}] ', b"{}", b"[{}]"])
def test_one_data_set_is_an_array_of_one_or_the_object_itself(document):
    raw = json_reader.data_set(document, most_values=10)

    assert raw == (orjson.loads(document)[0] if b"[" in document else orjson.loads(document))


@pytest.mark.parametrize("document", [b"", b"[]", b"[{}, {}]", b"{} {}", b"[1,2,3,4,5,6,7,8,9,10,11]", b"[" * 100_000])
def test_none_or_several_data_sets_are_not_one(document):
    with pytest.raises(MalformedMetadata):
        json_reader.data_set(document, most_values=10)


# -- what is understood ----------------------------------------------------------


@given(data_sets())
def test_what_is_written_as_json_is_read_as_the_same(model: DataSet):
    assert read(orjson.dumps(model)) == received_model.Received(model)


def test_JSON_02_tags_may_come_in_any_order_and_case():
    model = read('{"7fe0abcd": {"vr": "LO"}, "00100020": {"vr": "lo"}, "0009ab01": {"vr": "SH"}}').data_set

    assert list(model) == ["0009AB01", "00100020", "7FE0ABCD"]
    assert model["00100020"] == {"vr": "LO"}


@pytest.mark.parametrize(
    ("tag", "content", "vr"),
    [
        ("00100020", '{"Value": ["A"]}', "LO"),
        ("00081140", '{"Value": [{}]}', "SQ"),
        ("7FE00010", '{"BulkDataURI": "x"}', "OW"),
        ("00090010", '{"Value": ["A"]}', "LO"),
        ("00091001", '{"InlineBinary": "AAA="}', "UN"),
        ("00280106", '{"Value": [1]}', "US"),
        ("00281101", '{"vr": "US or SS", "Value": [256, 0, 8]}', "US"),
        ("7FE00010", '{"vr": "OB or OW", "BulkDataURI": "x"}', "OW"),
        ("00283006", '{"Value": [1, 2]}', "US"),
        ("00283006", '{"InlineBinary": "AAA="}', "OW"),
    ],
)
def test_a_vr_that_is_missing_is_that_of_the_dictionary(tag, content, vr):
    assert element(content, tag)["vr"] == vr


def test_a_vr_that_depends_on_others_is_found_wherever_they_are():
    signed = '"00280103": {"vr": "US", "Value": [1]}'

    assert read(f'{{"00280106": {{"Value": [-1]}}, {signed}}}').data_set["00280106"] == {"vr": "SS", "Value": [-1]}
    nested = read(f'{{"00283000": {{"Value": [{{"00283002": {{"Value": [-1]}}}}]}}, {signed}}}').data_set
    assert nested["00283000"]["Value"][0]["00283002"] == {"vr": "SS", "Value": [-1]}


def test_the_vr_of_a_private_attribute_is_that_of_its_creator():
    model = read('{"00190010": {"Value": ["SIEMENS MR HEADER"]}, "0019100C": {"Value": ["1000"]}}').data_set

    assert model["0019100C"] == {"vr": "IS", "Value": ["1000"]}


@pytest.mark.parametrize(
    ("vr", "text", "expected"),
    [
        pytest.param("US", '[7, "8", 9.0, "1e1"]', [7, 8, 9, 10], id="JSON-14-numbers-or-strings"),
        pytest.param("SS", '["-32768", " 5 "]', [-32768, 5], id="signed"),
        pytest.param("FD", '[0.1, "1e-7", -3]', [0.1, 1e-7, -3.0], id="JSON-15"),
        pytest.param("DS", '[1.016600, "0.10", 7]', ["1.016600", "0.10", "7"], id="JSON-16-digits-as-sent"),
        pytest.param("IS", '[7, "007", 1e3, "7.0", "1.5"]', ["7", "007", "1000", "7", "1.5"], id="JSON-16-IS"),
        pytest.param("UV", "[18446744073709551615]", [18446744073709551615], id="JSON-17-number"),
        pytest.param("SV", '["-9223372036854775808"]', [-9223372036854775808], id="JSON-17-string"),
        pytest.param("AT", '["0028000a"]', ["0028000A"], id="JSON-13-any-case"),
        pytest.param("LO", "[123]", ["123"], id="a-number-as-text"),
        pytest.param("LO", '["A", null, ""]', ["A", None, None], id="JSON-06"),
        pytest.param("CS", '[" CT "]', ["CT"], id="padded"),
        pytest.param("UI", '["1.2.3 "]', ["1.2.3"], id="padded-uid"),
        pytest.param("LT", '["a\\\\b\\n"]', ["a\\b\n"], id="JSON-11-a-backslash-is-data"),
        pytest.param("PN", '[{"Alphabetic": "A^B", "Phonetic": ""}]', [{"Alphabetic": "A^B"}], id="JSON-12"),
        pytest.param("PN", '["A^B=C"]', [{"Alphabetic": "A^B", "Ideographic": "C"}], id="P28-a-plain-name"),
        pytest.param("PN", '[null, {"Ideographic": "C"}, {}]', [None, {"Ideographic": "C"}, None], id="no-names"),
        pytest.param("SQ", "[{}, null]", [{}, {}], id="JSON-19-empty-items"),
    ],
)
def test_values_are_understood(vr, text, expected):
    assert values(vr, text) == expected


@pytest.mark.parametrize("text", ['["NaN"]', '["Infinity"]', '["-Infinity"]'])
def test_JSON_25_what_is_no_number_is_understood_as_a_string(text):
    (number,) = values("FL", text)

    assert str(float(number)) == text[2:-2].lower().replace("infinity", "inf")


@pytest.mark.parametrize(
    "content",
    ["[]", "[null]", '[""]', "null", "[{}]"],
    ids=["array", "null-value", "empty-text", "no-value", "no-name"],
)
def test_JSON_05_P28_what_says_nothing_is_an_empty_element(content):
    assert element(f'{{"vr": "PN", "Value": {content}}}') == {"vr": "PN"}


def test_members_that_are_null_are_not_there():
    assert element('{"vr": "LO", "Value": ["A"], "BulkDataURI": null}') == {"vr": "LO", "Value": ["A"]}


def test_STOW_28_JSON_08_neither_group_2_nor_group_lengths_are_taken():
    received = read('{"00020010": {"vr": "UI", "Value": ["1.2"]}, "00080000": {"vr": "UL"}, "00100020": {"vr": "LO"}}')

    assert received == received_model.Received({"00100020": {"vr": "LO"}})


def test_what_no_data_set_can_have_is_discarded_and_named():
    received = read('{"00000002": {"vr": "UI"}, "00081140": {"Value": [{"FFFEE000": {}}]}}')

    assert received.data_set == {"00081140": {"vr": "SQ", "Value": [{}]}}
    assert received.discarded == ("00000002", "00081140/0/FFFEE000")


@pytest.mark.parametrize("big_endian", [False, True])
def test_STOW_29_inline_binary_is_little_endian_unless_the_part_says_otherwise(big_endian):
    model = read('{"00091001": {"vr": "OW", "InlineBinary": "AQIDBA=="}}', big_endian=big_endian).data_set

    assert model["00091001"]["InlineBinary"] == ("AgEEAw==" if big_endian else "AQIDBA==")


def test_base64_may_be_broken_into_lines():
    assert element('{"vr": "OB", "InlineBinary": "AAEC\\n AwQF"}') == {"vr": "OB", "InlineBinary": "AAECAwQF"}


# -- what is refused -------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("7", "list"),
        ('{"PatientID": {"vr": "LO"}}', "?"),
        ('{"0010002": {"vr": "LO"}}', "?"),
        ('{"00100020": "Secret"}', "00100020"),
        ('{"00100020": null}', "00100020"),
        ('{"0010ABCD": {"vr": "LO"}, "0010abcd": {"vr": "LO"}}', "0010ABCD"),
        ('{"00100020": {"vr": "XX", "Value": ["Secret"]}}', "00100020"),
        ('{"00100020": {"vr": 5}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": "Secret"}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": ["Secret"], "BulkDataURI": "x"}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": ["Secret\\\\B"]}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": ["Secret\\u0000"]}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": ["Secret\\u001b$B"]}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": ["Secret\\ud800"]}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": [true]}}', "00100020"),
        ('{"00100020": {"vr": "LO", "Value": [["Secret"]]}}', "00100020"),
        ('{"00104000": {"vr": "LT", "Value": ["Secret", "Secret"]}}', "00104000"),
        ('{"00100010": {"vr": "PN", "Value": ["A=B=C=Secret"]}}', "00100010"),
        ('{"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Secret=B"}]}}', "00100010"),
        ('{"00100010": {"vr": "PN", "Value": [7.5, ["Secret"]]}}', "00100010"),
        ('{"00280010": {"vr": "US", "Value": [65536]}}', "00280010"),
        ('{"00280010": {"vr": "US", "Value": [-1]}}', "00280010"),
        ('{"00280010": {"vr": "US", "Value": [1.5]}}', "00280010"),
        ('{"00280010": {"vr": "US", "Value": [null]}}', "00280010"),
        ('{"00280010": {"vr": "US", "Value": ["Secret"]}}', "00280010"),
        ('{"00280010": {"vr": "SV", "Value": [9223372036854775808]}}', "00280010"),
        ('{"00280010": {"vr": "UL", "Value": [1e400]}}', "00280010"),
        ('{"00280010": {"vr": "UL", "Value": [%s]}}' % ("9" * 5000), "00280010"),
        ('{"00280010": {"vr": "FD", "Value": [1e400]}}', "00280010"),
        ('{"00280010": {"vr": "FL", "Value": [3.5e38]}}', "00280010"),
        ('{"00280010": {"vr": "FD", "Value": ["Secret"]}}', "00280010"),
        ('{"00280010": {"vr": "AT", "Value": ["Secret"]}}', "00280010"),
        ('{"00091001": {"vr": "OB", "Value": [1]}}', "00091001"),
        ('{"00091001": {"vr": "OB", "InlineBinary": "Secret"}}', "00091001"),
        ('{"00091001": {"vr": "OB", "InlineBinary": ["AAAA"]}}', "00091001"),
        ('{"00091001": {"vr": "LO", "InlineBinary": "AAAA"}}', "00091001"),
        ('{"00091001": {"vr": "OB", "BulkDataURI": ""}}', "00091001"),
        ('{"00091001": {"vr": "OB", "BulkDataURI": true}}', "00091001"),
        ('{"00091001": {"vr": "SQ", "BulkDataURI": "x"}}', "00091001"),
        ('{"00091001": {"vr": "SQ", "Value": ["Secret"]}}', "00091001/0"),
        ('{"00091001": {"vr": "SQ", "Value": [{}, {"00100020": {"vr": "LO", "Value": [{}]}}]}}', "00091001/1/00100020"),
        ('{"00091001": {"Value": ["Secret"]}}', "00091001"),
    ],
)
def test_what_a_data_element_cannot_hold_is_refused_with_its_tag_and_without_its_value(document, named):
    with pytest.raises(MalformedAttribute) as error:
        read(document)

    assert str(error.value).startswith(f"Attribute {named} ")
    assert "Secret" not in str(error.value)


def nested(depth: int) -> str:
    return '{"00081140": {"vr": "SQ", "Value": [' * depth + "{}" + "]}}" * depth


def test_sequences_nest_only_so_deep():
    assert read(nested(DEEPEST_NESTING))
    with pytest.raises(MalformedAttribute, match="deep"):
        read(nested(DEEPEST_NESTING + 1))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["00100020", "00280010", "vr", "Value", "BulkDataURI"]) | st.text(), inner)
    ),
    max_leaves=20,
)
ELEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "vr": st.sampled_from(["LO", "US", "SQ", "PN", "OB", "DS", "AT", "??"]),
        "Value": st.lists(JSON_VALUES, max_size=2) | JSON_VALUES,
        "InlineBinary": st.text() | st.just("AAAA"),
        "BulkDataURI": st.text(),
    },
)


@given(st.dictionaries(st.from_regex(r"\A[0-9A-Fa-f]{8}\Z"), ELEMENTS, max_size=4) | JSON_VALUES)
def test_any_json_is_read_or_refused(document: Any):
    try:
        text = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return  # half characters and integers of no size, which have tests of their own
    try:
        read(text)
    except (MalformedAttribute, MalformedMetadata):
        return


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"00080018": {"vr": "UI", "Value": ["1.2.3 "]}}, "1.2.3"),
        ({"00080018": {"Value": ["1/2"]}}, ""),
        ({"00080018": {"Value": []}}, ""),
        ({"00080018": {"Value": [{}]}}, ""),
        ({"00080018": "1.2.3"}, ""),
        ({}, ""),
        (["1.2.3"], ""),
    ],
)
def test_the_uids_of_what_is_refused_are_read_where_they_can_be(raw, expected):
    assert received_model.uid(raw, "00080018") == expected


# -- the dictionary before the sender --------------------------------------------


def test_the_vr_of_the_dictionary_can_go_before_the_senders():
    """As dcm4che's own example has it, a sequence of another VR."""
    text = '{"00404018": {"vr": "LO", "Value": [{"00080100": {"vr": "XX", "Value": ["110005"]}}]}}'

    assert read(text, by_dictionary=True).data_set == {
        "00404018": {"vr": "SQ", "Value": [{"00080100": {"vr": "SH", "Value": ["110005"]}}]}
    }


def test_what_the_dictionary_does_not_know_is_as_the_sender_says():
    assert read('{"00091001": {"vr": "SH", "Value": ["A"]}}', by_dictionary=True).data_set["00091001"]["vr"] == "SH"
    with pytest.raises(MalformedAttribute):
        read('{"00091001": {"vr": "XX"}}', by_dictionary=True)
