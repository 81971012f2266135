"""PS3.18 Annex F, one test or more for every row of it."""

import base64
import json
from io import BytesIO
from struct import pack
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRLittleEndian

from archive.dicom import dicom_json
from archive.dicom.charsets import DEFAULT_DECODER
from archive.dicom.reading.part10 import parse
from tests.archive.dicom.raw import (
    SEQUENCE_DELIMITATION,
    UNDEFINED_LENGTH,
    element,
    implicit,
    item,
    item_of_undefined_length,
    json_of,
    json_of_element,
    parsed,
)
from tests.builders import instance, part10

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"

ALL_VRS = sorted(dicom_json.VALUE_VRS | {"SQ"})


def strictly(text: bytes) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def test_JSON_01_keys_are_eight_upper_case_hexadecimal_digits() -> None:
    assert list(json_of(element(0x7FE0ABCD, "UN", b"ab"))) == ["7FE0ABCD"]


def test_JSON_02_keys_ascend_even_when_the_elements_do_not() -> None:
    data_set = element(0x00100020, "LO", b"ID") + element(0x00080060, "CS", b"CT") + element(0x00100010, "PN", b"A ")
    assert list(json_of(data_set)) == ["00080060", "00100010", "00100020"]


@pytest.mark.parametrize("vr", ALL_VRS)
@pytest.mark.parametrize("value", [b"", b"\0" * 8, b"\xff" * 8, b"12345678"])
def test_JSON_03_there_is_a_vr_and_at_most_one_form_of_value(vr: str, value: bytes) -> None:
    if vr == "SQ" and value:
        value = item(b"")
    model = json_of_element(vr, value)
    assert model.pop("vr") == (vr if "BulkDataURI" not in model or vr in dicom_json.BULK_VRS else "UN")
    assert len(model) <= 1
    assert set(model) <= {"Value", "BulkDataURI", "InlineBinary"}


def test_JSON_04_a_single_value_is_in_an_array() -> None:
    assert json_of_element("CS", b"MR") == {"vr": "CS", "Value": ["MR"]}


@pytest.mark.parametrize("vr", ALL_VRS)
def test_JSON_05_an_empty_element_has_a_vr_alone(vr: str) -> None:
    assert json_of_element(vr, b"") == {"vr": vr}


@pytest.mark.parametrize("vr", ["AE", "CS", "DS", "IS", "LO", "LT", "PN", "ST", "UI", "UT"])
@pytest.mark.parametrize("padding", [b"  ", b"\0\0"])
def test_JSON_05_nothing_but_padding_is_empty(vr: str, padding: bytes) -> None:
    assert json_of_element(vr, padding) == {"vr": vr}


@pytest.mark.parametrize(
    ("vr", "raw", "values"),
    [
        ("LO", b"A\\\\B ", ["A", None, "B"]),
        ("DS", b"1.5\\\\2", [1.5, None, 2]),
        ("IS", b"\\7", [None, 7]),
        ("PN", b"A\\\\B", [{"Alphabetic": "A"}, None, {"Alphabetic": "B"}]),
    ],
)
def test_JSON_06_an_empty_value_among_several_is_null(vr: str, raw: bytes, values: list[Any]) -> None:
    assert json_of_element(vr, raw)["Value"] == values


def test_JSON_07_the_text_is_utf_8() -> None:
    result = parsed(element(0x00080005, "CS", b"ISO_IR 100") + element(0x00100010, "PN", b"J\xe9"))
    assert "Jé".encode() in result.dicom_json


def test_JSON_08_group_lengths_and_file_meta_information_are_left_out() -> None:
    data_set = (
        element(0x00000002, "UI", b"1.2.")
        + element(0x00020003, "UI", b"1.2.")
        + element(0x00080000, "UL", pack("<L", 10))
        + element(0x00080060, "CS", b"CT")
        + element(0x00090000, "UL", pack("<L", 10))
    )
    assert list(json_of(data_set)) == ["00080060"]


@pytest.mark.parametrize(("vr", "raw"), [("UI", b"1.2\0"), ("LO", b"1.2 "), ("UT", b"1.2 "), ("CS", b"1.2 ")])
def test_JSON_09_padding_is_stripped(vr: str, raw: bytes) -> None:
    assert json_of_element(vr, raw)["Value"] == ["1.2"]


@pytest.mark.parametrize("vr", ["LO", "UT", "ST", "SH"])
def test_leading_spaces_of_text_are_kept(vr: str) -> None:
    assert json_of_element(vr, b"  a ")["Value"] == ["  a"]


def test_leading_spaces_of_codes_are_stripped() -> None:
    assert json_of_element("CS", b" A\\ B")["Value"] == ["A", "B"]


@pytest.mark.parametrize("vr", ["AE", "AS", "CS", "DA", "DT", "LO", "SH", "TM", "UC", "UI"])
def test_JSON_10_strings_are_split_on_the_backslash(vr: str) -> None:
    assert json_of_element(vr, b"010Y\\020Y ")["Value"] == ["010Y", "020Y"]


@pytest.mark.parametrize("vr", ["LT", "ST", "UT", "UR"])
def test_JSON_11_a_backslash_in_a_text_is_a_backslash(vr: str) -> None:
    assert json_of_element(vr, b"a\\b ")["Value"] == ["a\\b"]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"Yamada^Tarou", {"Alphabetic": "Yamada^Tarou"}),
        (b"A=B=C ", {"Alphabetic": "A", "Ideographic": "B", "Phonetic": "C"}),
        (b"=B= ", {"Ideographic": "B"}),
        (b"A==C", {"Alphabetic": "A", "Phonetic": "C"}),
        (b"A=B=C=D ", {"Alphabetic": "A", "Ideographic": "B", "Phonetic": "C"}),
    ],
)
def test_JSON_12_a_name_has_the_groups_that_are_not_empty(raw: bytes, name: dict[str, str]) -> None:
    assert json_of_element("PN", raw) == {"vr": "PN", "Value": [name]}


@pytest.mark.parametrize("raw", [b"==", b"= ", b"  ", b""])
def test_JSON_12_a_name_of_nothing_is_empty(raw: bytes) -> None:
    assert json_of_element("PN", raw) == {"vr": "PN"}


def test_JSON_13_an_attribute_tag_is_hexadecimal() -> None:
    assert json_of_element("AT", pack("<4H", 0x0028, 0x0009, 0x7FE0, 0xABCD))["Value"] == ["00280009", "7FE0ABCD"]


@pytest.mark.parametrize(
    ("vr", "code", "values"),
    [
        ("US", "H", [0, 65535]),
        ("SS", "h", [-32768, 32767]),
        ("UL", "I", [0, 2**32 - 1]),
        ("SL", "i", [-(2**31), 2**31 - 1]),
        ("US", "H", [7]),
    ],
)
@pytest.mark.parametrize(("endian", "transfer_syntax"), [("<", ExplicitVRLittleEndian), (">", BIG_ENDIAN)])
def test_JSON_14_integers_are_numbers(vr: str, code: str, values: list[int], endian: str, transfer_syntax: str) -> None:
    data_set = element(0x00091001, vr, pack(f"{endian}{len(values)}{code}", *values), endian=endian)
    assert json_of(data_set, transfer_syntax)["00091001"]["Value"] == values


@pytest.mark.parametrize(("vr", "code"), [("FL", "f"), ("FD", "d")])
def test_JSON_15_floats_are_numbers(vr: str, code: str) -> None:
    assert json_of_element(vr, pack(f"<2{code}", 0.5, -1e10))["Value"] == [0.5, -1e10]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.10", b"0.10"),
        ("1e3", b"1e3"),
        ("-1.5E-07", b"-1.5E-07"),
        ("12345678901234567890.5", b"12345678901234567890.5"),
        (" 2 ", b"2"),
        ("+2.5", b"2.5"),
        (".5", b"0.5"),
        ("5.", b"5.0"),
        ("007", b"7.0"),
        ("1e-999", b"0.0"),
        ("abc", b'"abc"'),
        ("1,5", b'"1,5"'),
        ("1_0", b'"1_0"'),
        ("NaN", b'"NaN"'),
        ("inf", b'"inf"'),
        ("1e999", b'"1e999"'),
        ("9" * 320, b'"' + b"9" * 320 + b'"'),
        ("1 2", b'"1 2"'),
    ],
)
def test_JSON_16_a_decimal_string_is_the_number_as_it_was_written(text: str, expected: bytes) -> None:
    raw = text.encode() + b" " * (len(text) % 2)
    assert b'"Value":[' + expected + b"]" in parsed(element(0x00180050, "DS", raw)).dicom_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7", 7), ("-7", -7), ("+7", 7), ("007", 7), ("1.0", 1.0), ("9" * 25, int("9" * 25)), ("1A", "1A"), ("-", "-")],
)
def test_JSON_16_an_integer_string_is_a_number(text: str, expected: Any) -> None:
    value = strictly(parsed(element(0x00200013, "IS", text.encode())).dicom_json)["00200013"]["Value"]
    assert value == [expected]


def test_an_integer_string_is_an_int_in_the_model() -> None:
    assert parsed(element(0x00280008, "IS", b"12")).dataset["00280008"]["Value"] == [12]


@pytest.mark.parametrize(
    ("vr", "code", "value", "expected"),
    [
        ("UV", "Q", 2**53, 2**53),
        ("UV", "Q", 2**53 + 1, str(2**53 + 1)),
        ("UV", "Q", 2**64 - 1, str(2**64 - 1)),
        ("SV", "q", -(2**53), -(2**53)),
        ("SV", "q", -(2**63), str(-(2**63))),
    ],
)
def test_JSON_17_very_long_integers_are_strings_when_a_double_cannot_hold_them(
    vr: str, code: str, value: int, expected: Any
) -> None:
    assert json_of_element(vr, pack("<" + code, value))["Value"] == [expected]


@pytest.mark.parametrize("vr", ["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
def test_JSON_18_META_08_short_binary_values_are_inline_and_long_ones_are_not(vr: str) -> None:
    short, long = bytes(range(256)) * 4, bytes(1032)
    assert base64.b64decode(json_of_element(vr, short)["InlineBinary"]) == short
    assert json_of_element(vr, long) == {"vr": vr, "BulkDataURI": "URL/bulkdata/00091001"}


@pytest.mark.parametrize("content", [b"", element(0x00080060, "CS", b"CT")])
@pytest.mark.parametrize("of_undefined_length", [False, True])
def test_JSON_19_a_sequence_is_an_array_of_items(content: bytes, of_undefined_length: bool) -> None:
    model = {"00080060": {"vr": "CS", "Value": ["CT"]}} if content else {}
    if of_undefined_length:
        items = item_of_undefined_length(content) * 2 + SEQUENCE_DELIMITATION
        sequence = element(0x00081140, "SQ", items, length=UNDEFINED_LENGTH)
    else:
        sequence = element(0x00081140, "SQ", item(content) * 2)
    assert json_of(sequence)["00081140"] == {"vr": "SQ", "Value": [model, model]}


def test_JSON_19_an_empty_sequence_of_undefined_length_has_a_vr_alone() -> None:
    sequence = element(0x00081140, "SQ", SEQUENCE_DELIMITATION, length=UNDEFINED_LENGTH)
    assert json_of(sequence)["00081140"] == {"vr": "SQ"}


@pytest.mark.parametrize("vr", ["UT", "UC"])
def test_JSON_20_texts_stay_inline_up_to_a_mebibyte(vr: str) -> None:
    assert json_of_element(vr, b"a" * (1 << 20))["Value"] == ["a" * (1 << 20)]
    assert json_of_element(vr, b"a" * ((1 << 20) + 2)) == {"vr": vr, "BulkDataURI": "URL/bulkdata/00091001"}


def test_META_07_a_vr_that_may_not_be_a_bulk_reference_becomes_un_when_it_is_far_too_long() -> None:
    model = json_of(implicit(0x00081030, b"a" * ((1 << 20) + 2)), IMPLICIT_VR_LITTLE_ENDIAN)
    assert model["00081030"] == {"vr": "UN", "BulkDataURI": "URL/bulkdata/00081030"}


@pytest.mark.parametrize("tag", [0x7FE00008, 0x7FE00009, 0x7FE00010])
def test_META_10_pixel_data_are_a_reference_however_short(tag: int) -> None:
    vr = {0x7FE00008: "OF", 0x7FE00009: "OD", 0x7FE00010: "OW"}[tag]
    key = f"{tag:08X}"
    assert json_of(element(tag, vr, bytes(8)))[key] == {"vr": vr, "BulkDataURI": f"URL/bulkdata/{key}"}


def test_JSON_22_the_character_set_is_that_of_the_json() -> None:
    data_set = element(0x00080005, "CS", b"\\ISO 2022 IR 87")
    assert json_of(data_set)["00080005"] == {"vr": "CS", "Value": ["ISO_IR 192"]}


def test_JSON_23_private_elements_keep_their_block_and_creator() -> None:
    data_set = element(0x00090010, "LO", b"Vendor A") + element(0x00091002, "LO", b"x ")
    assert json_of(data_set) == {
        "00090010": {"vr": "LO", "Value": ["Vendor A"]},
        "00091002": {"vr": "LO", "Value": ["x"]},
    }


@pytest.mark.parametrize(("vr", "unit"), [("OW", 2), ("OF", 4), ("OL", 4), ("OD", 8), ("OV", 8), ("OB", 1), ("UN", 1)])
def test_JSON_24_META_16_inline_binary_is_little_endian(vr: str, unit: int) -> None:
    stored = bytes(range(16))
    expected = b"".join(stored[i : i + unit][::-1] for i in range(0, 16, unit))
    model = json_of(element(0x00091001, vr, stored, endian=">"), BIG_ENDIAN)["00091001"]
    assert base64.b64decode(model["InlineBinary"]) == expected


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(("vr", "code"), [("FL", "f"), ("FD", "d")])
def test_JSON_25_P29_what_is_no_json_number_is_a_bulk_reference(vr: str, code: str, number: float) -> None:
    result = parsed(element(0x00091001, vr, pack(f"<2{code}", 1.0, number)))
    strictly(result.dicom_json.replace(dicom_json.INSTANCE_URL, b""))
    assert json_of_element(vr, pack(f"<2{code}", 1.0, number)) == {"vr": vr, "BulkDataURI": "URL/bulkdata/00091001"}


def test_JSON_26_a_bulk_reference_of_a_text_leads_to_its_bytes() -> None:
    data_set = element(0x00080005, "CS", b"ISO_IR 100") + element(0x00091001, "UT", b"\xe9" * ((1 << 20) + 2))
    result = parsed(data_set)
    assert result.bulkdata["00091001"].range.length == (1 << 20) + 2


def test_JSON_27_values_are_in_their_order() -> None:
    assert json_of_element("SH", b"b\\a\\c ")["Value"] == ["b", "a", "c"]


def test_JSON_28_a_tag_that_comes_twice_is_there_once() -> None:
    result = parsed(element(0x00080060, "CS", b"CT") + element(0x00080060, "CS", b"MR"))
    assert result.dicom_json.count(b'"00080060"') == 1


@pytest.mark.parametrize("vr", ["AT", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"])
def test_META_17_numbers_of_the_wrong_length_are_kept_as_bulk_data(vr: str) -> None:
    model = json_of_element(vr, b"abc")
    assert model == {"vr": "UN" if vr == "AT" else vr, "BulkDataURI": "URL/bulkdata/00091001"}


def test_an_unknown_vr_is_un() -> None:
    assert json_of_element("ZZ", b"ab") == {"vr": "UN", "InlineBinary": "YWI="}


@pytest.mark.parametrize(("representation", "vr", "number"), [(0, "US", 65535), (1, "SS", -1), (None, "US", 65535)])
def test_pixel_representation_settles_us_or_ss(representation: int | None, vr: str, number: int) -> None:
    smallest = implicit(0x00280106, b"\xff\xff")
    # Zero Velocity Pixel Value comes before Pixel Representation.
    early = implicit(0x00189810, b"\xff\xff")
    within = implicit(0x00289110, item(smallest))
    stated = b"" if representation is None else implicit(0x00280103, pack("<H", representation))
    model = json_of(early + stated + smallest + within, IMPLICIT_VR_LITTLE_ENDIAN)
    expected = {"vr": vr, "Value": [number]}
    assert model["00189810"] == model["00280106"] == expected
    assert model["00289110"]["Value"][0]["00280106"] == expected


@pytest.mark.parametrize(("entries", "expected"), [(1, {"vr": "US", "Value": [258]}), (2, {"vr": "OW"})])
def test_the_lut_descriptor_settles_us_or_ow(entries: int, expected: dict[str, Any]) -> None:
    model = json_of(
        implicit(0x00283002, pack("<3H", entries, 0, 16)) + implicit(0x00283006, b"\x02\x01"), IMPLICIT_VR_LITTLE_ENDIAN
    )
    assert expected.items() <= model["00283006"].items()


def test_an_un_element_of_the_dictionary_gets_its_vr() -> None:
    assert json_of(element(0x00080060, "UN", b"CT"))["00080060"] == {"vr": "CS", "Value": ["CT"]}
    big_endian = json_of(element(0x00280010, "UN", pack("<H", 512), endian=">"), BIG_ENDIAN)
    assert big_endian["00280010"] == {"vr": "US", "Value": [512]}


def test_a_sequence_of_vr_un_is_implicit_vr_little_endian() -> None:
    content = implicit(0x00080060, b"CT")
    expected = {"vr": "SQ", "Value": [{"00080060": {"vr": "CS", "Value": ["CT"]}}]}
    undefined = item_of_undefined_length(content) + SEQUENCE_DELIMITATION
    assert json_of(element(0x00081140, "UN", item(content)))["00081140"] == expected
    assert json_of(element(0x00081140, "UN", undefined, length=UNDEFINED_LENGTH))["00081140"] == expected
    assert json_of(element(0x00091010, "UN", undefined, length=UNDEFINED_LENGTH))["00091010"] == expected


def test_a_private_element_gets_the_vr_of_its_creators_dictionary() -> None:
    data_set = implicit(0x00290010, b"SIEMENS CSA HEADER") + implicit(0x00291008, b"IMAGE NUM 4 ")
    assert json_of(data_set, IMPLICIT_VR_LITTLE_ENDIAN)["00291008"] == {"vr": "CS", "Value": ["IMAGE NUM 4"]}


def test_implicit_vr_of_an_element_no_dictionary_knows_is_un() -> None:
    data_set = implicit(0x00091001, b"ab") + implicit(0x0008FFFE, b"ab")
    model = json_of(data_set, IMPLICIT_VR_LITTLE_ENDIAN)
    assert model["00091001"]["vr"] == model["0008FFFE"]["vr"] == "UN"


def test_explicit_vr_under_the_name_of_implicit_vr_is_read() -> None:
    data_set = element(0x00080060, "CS", b"CT") + element(0x00100020, "LO", b"ID")
    assert json_of(data_set, IMPLICIT_VR_LITTLE_ENDIAN)["00100020"] == {"vr": "LO", "Value": ["ID"]}


def test_the_model_and_the_json_are_the_same() -> None:
    result = parse(BytesIO(part10(instance(ReferencedImageSequence=[instance()], SliceThickness="1.50"))))
    assert orjson.dumps(result.dataset) == result.dicom_json


def test_bulk_data_uris_begin_with_the_url_of_the_instance() -> None:
    resolved = dicom_json.resolve(parsed(element(0x7FE00010, "OW", b"ab")).dicom_json, 'http://x/"a"')
    assert strictly(resolved)["7FE00010"]["BulkDataURI"] == 'http://x/"a"/bulkdata/7FE00010'


def test_the_stand_in_for_the_url_cannot_come_from_a_value() -> None:
    result = parsed(element(0x00081030, "LO", b"a\x1ab "))
    assert dicom_json.INSTANCE_URL not in result.dicom_json
    assert strictly(dicom_json.resolve(result.dicom_json, "URL"))["00081030"]["Value"] == ["a\x1ab"]


@pytest.mark.parametrize("of_undefined_length", [False, True])
def test_a_long_sequence_has_the_same_json_as_a_short_one(of_undefined_length: bool) -> None:
    content = element(0x00081140, "SQ", item(element(0x00091001, "OB", bytes(2000))))
    content += element(0x00204000, "LT", b"x" * 5000)
    count = 30
    if of_undefined_length:
        items = item_of_undefined_length(content) * count + SEQUENCE_DELIMITATION
        result = json_of(element(0x52009230, "SQ", items, length=UNDEFINED_LENGTH))
    else:
        result = json_of(element(0x52009230, "SQ", item(content) * count))
    one = json_of(element(0x52009230, "SQ", item(content)))["52009230"]["Value"][0]
    items_read = result["52009230"]["Value"]
    assert len(items_read) == count
    for number, read in enumerate(items_read):
        uri = read["00081140"]["Value"][0]["00091001"]["BulkDataURI"]
        assert uri == f"URL/bulkdata/52009230/{number}/00081140/0/00091001"
        assert read["00204000"] == one["00204000"]


@given(vr=st.sampled_from(sorted(dicom_json.VALUE_VRS)), raw=st.binary(min_size=1, max_size=64), little=st.booleans())
def test_META_17_any_bytes_of_any_vr_give_json_or_are_left_to_bulk_data(vr: str, raw: bytes, little: bool) -> None:
    model = dicom_json.encode(vr, raw, little, DEFAULT_DECODER)
    if model is not None:
        text = orjson.dumps(model)
        assert dicom_json.INSTANCE_URL not in text
        assert strictly(text)["vr"] == vr
