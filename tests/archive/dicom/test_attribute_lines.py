"""A data set as lines to look through."""

from typing import Any

import pytest

from archive.dicom.attribute_lines import LONGEST, AttributeLine, attribute_lines, found

DATA_SET: dict[str, Any] = {
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
    "00080020": {"vr": "DA"},
    "00081140": {
        "vr": "SQ",
        "Value": [
            {"00081155": {"vr": "UI", "Value": ["1.2.3"]}},
            {"00081155": {"vr": "UI", "Value": ["1.2.4"]}, "00082112": {"vr": "SQ", "Value": [{}]}},
        ],
    },
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller^Jane", "Ideographic": "山田"}]},
    "00190010": {"vr": "LO", "Value": ["GEMS_ACQU_01"]},
    "00191002": {"vr": "SL", "Value": [912]},
    "001910FF": {"vr": "UN", "InlineBinary": "AAAA"},
    "00211001": {"vr": "LO", "Value": ["whose?"]},
    "00280010": {"vr": "US", "Value": [512, None]},
    "00321060": {"vr": "LO", "Value": ["x" * 500]},
    "7FE00010": {"vr": "OW", "BulkDataURI": "bulkdata/7FE00010"},
    "00089999": {"vr": "UN"},
}


def by_tag(tag: str) -> AttributeLine:
    return next(line for line in attribute_lines(DATA_SET) if line.tag == tag)


def test_every_attribute_has_a_line_at_its_depth():
    lines = [(line.depth, line.tag or line.name, line.text) for line in attribute_lines(DATA_SET)]

    assert lines[:9] == [
        (0, "(0008,0016)", "1.2.840.10008.5.1.4.1.1.2"),
        (0, "(0008,0020)", ""),
        (0, "(0008,1140)", "2 items"),
        (1, "Item 1", ""),
        (2, "(0008,1155)", "1.2.3"),
        (1, "Item 2", ""),
        (2, "(0008,1155)", "1.2.4"),
        (2, "(0008,2112)", "1 item"),
        (3, "Item 1", ""),
    ]


@pytest.mark.parametrize(
    ("tag", "name", "text"),
    [
        ("(0010,0010)", "Patient's Name", "Müller^Jane=山田"),
        ("(0019,0010)", "Private Creator", "GEMS_ACQU_01"),
        ("(0019,1002)", "Detector Channel [GEMS_ACQU_01]", "912"),
        ("(0019,10FF)", "Private [GEMS_ACQU_01]", "3 bytes"),
        ("(0021,1001)", "Private", "whose?"),
        ("(0028,0010)", "Rows", "512 \\ "),
        ("(7FE0,0010)", "Pixel Data", "Bulk data"),
        ("(0008,9999)", "Unknown", ""),
    ],
)
def test_attributes_are_named_private_ones_by_their_creator(tag, name, text):
    line = by_tag(tag)

    assert (line.name, line.text) == (name, text)


def test_long_values_are_cut_and_say_so():
    assert (len(by_tag("(0032,1060)").text), by_tag("(0032,1060)").cut) == (LONGEST, True)
    assert not by_tag("(0028,0010)").cut


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("1.2.4", ["(0008,1140)", "Item 2", "(0008,1155)"]),
        ("1.2.3", ["(0008,1140)", "Item 1", "(0008,1155)"]),
        ("muller", ["(0010,0010)"]),
        ("PatientName", ["(0010,0010)"]),
        ("patient's", ["(0010,0010)"]),
        ("00100010", ["(0010,0010)"]),
        ("0010,0010", ["(0010,0010)"]),
        ("ReferencedSOPInstanceUID", ["(0008,1140)", "Item 1", "(0008,1155)", "Item 2", "(0008,1155)"]),
        ("nothing", []),
    ],
)
def test_a_search_finds_lines_with_those_that_they_are_within(text, tags):
    assert [line.tag or line.name for line in found(attribute_lines(DATA_SET), text)] == tags
