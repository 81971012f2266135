"""Keys in the form of a query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.matching.attribute_paths import MalformedAttribute, PrivateTag
from archive.dicom.matching.query_strings import UNLIMITED, MalformedParameters, components, keys, number


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("ModalitiesInStudy=CT&StudyDescription=*CHEST*", {("00080061",): ("CT",), ("00081030",): ("*CHEST*",)}),
        ("&00100020=A%26B&&", {("00100020",): ("A&B",)}),
        ("Modality=CT,MR", {("00080060",): ("CT", "MR")}),
        ("RequestAttributesSequence.RequestedProcedureID=X", {("00400275", "00401001"): ("X",)}),
        ("00090010=ACME&00091001=X", {(PrivateTag("00091001", "ACME"),): ("X",)}),
    ],
)
def test_a_query_is_read_as_keys_with_their_values(query, expected):
    assert keys(query) == expected


@pytest.mark.parametrize(
    "query",
    ["Modalities=CT", "limit=5", "includefield=all", "PatientID=A&00100020=B", "PatientID=%FF", "PatientID=%00"],
)
def test_what_is_no_key_is_refused(query):
    with pytest.raises(MalformedParameters):
        keys(query)


@pytest.mark.parametrize("query", ["0010002=X", "00091001=X"])
def test_an_attribute_that_cannot_be_known_is_refused(query):
    with pytest.raises(MalformedAttribute):
        keys(query)


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0), ("007", 7), ("9" * 15, 10**15 - 1), ("9" * 16, UNLIMITED), ("9" * 9000, UNLIMITED)]
)
def test_a_number_is_at_most_beyond_all(text, expected):
    assert number("limit", text) == expected


@pytest.mark.parametrize("text", ["", "x", "-1", "+1", "1.0", " 1", "1,2", "\u00b2", "\u0661"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(MalformedParameters, match="The limit is not a number"):
        number("limit", text)


@given(st.text())
def test_every_text_is_read_or_refused(query):
    try:
        assert all(values == tuple(filter(None, values)) for _, values in components(query))
        keys(query)
    except (MalformedParameters, MalformedAttribute):
        pass
