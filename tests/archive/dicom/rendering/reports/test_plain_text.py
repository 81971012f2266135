"""Reports as plain text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.plain_text import text
from archive.dicom.rendering.reports.report import CONTAINER, Item, Report, Table
from archive.dicom.rendering.words import printable
from tests.archive.dicom.rendering.reports.built import (
    attributes_of,
    by_reference,
    code,
    content,
    number_item,
    sop,
    text_item,
)
from tests.archive.dicom.rendering.shown import attributes


def written(*items, **elements) -> str:
    """The content of a document, without its head."""
    return text(report(attributes_of(*items, **elements))).partition("\n\n")[2]


def test_WADO_85_a_report_is_a_title_a_head_and_its_content():
    lines = text(report(attributes_of(text_item("A mass."), title="Chest Report"))).splitlines()
    assert lines[:4] == ["Chest Report", "============", "Patient: Jane Doe", "Patient ID: ID-1"]
    assert lines[-2:] == ["", "Finding: A mass."]


def test_what_belongs_to_an_item_is_further_to_the_right():
    site = content("CODE", "Site", "HAS CONCEPT MOD", ConceptCodeSequence=[code("Lung")])
    findings = content("CONTAINER", "Findings", items=[number_item("3", items=[site])])
    assert written(text_item("one\r\ntwo"), findings) == (
        "Finding: one\n  two\n\nFindings\n  Diameter: 3 mm\n    Modifier: Site: Lung\n"
    )


def test_sentences_are_lines():
    site = content("CODE", "Site", "HAS CONCEPT MOD", ConceptCodeSequence=[code("Lung")])
    items = text_item("A mass of"), number_item("3", items=[site]), text_item(", calcified."), text_item("No more.")
    assert written(*items, ContinuityOfContent="CONTINUOUS") == (
        "A mass of 3 mm (Modifier: Site: Lung), calcified. No more.\n"
    )


def test_objects_and_items_elsewhere_are_named():
    image = content("IMAGE", "Key", ReferencedSOPSequence=[sop("1.2.3", ReferencedFrameNumber=5)])
    assert written(image, by_reference(1, 1, relationship="SELECTED FROM")) == (
        "Key: CT Image 1.2.3, frame 5 [1.1]\nSelected from: Key [1.1]\n"
    )


def test_a_table_has_a_line_for_each_row():
    item = Item("1.1", name="Doses", table=Table(("A", "B"), (("Left", ("1", "two\nlines")), ("Right", ("", "4")))))
    document = Report("Report", (), Item("1", CONTAINER, items=(item,)), {})
    assert text(document).splitlines()[-4:] == [
        "Doses", "   | A | B", "  Left | 1 | two lines", "  Right |  | 4"
    ]  # fmt: skip


def test_when_the_document_was_observed_is_said():
    assert written(text_item("A mass."), ObservationDateTime="20240131").startswith("(observed 2024-01-31)\n")


@st.composite
def contents(draw, texts):
    """Content items within each other, each with a text."""
    inner = draw(st.lists(st.deferred(lambda: contents(texts)), max_size=2)) if draw(st.booleans()) else []
    item = {"0040A040": {"vr": "CS", "Value": ["TEXT"]}, "0040A160": {"vr": "UT", "Value": [draw(texts)]}}
    return item | ({"0040A730": {"vr": "SQ", "Value": inner}} if inner else {})


def texts_in(data_set):
    yield data_set["0040A160"]["Value"][0]
    for inner in data_set.get("0040A730", {}).get("Value", ()):
        yield from texts_in(inner)


@settings(max_examples=100, deadline=None)
@given(contents(st.text(max_size=30)), st.booleans())
def test_every_text_of_a_document_is_in_its_plain_text(data_set, is_prose):
    root = {
        "0040A040": {"vr": "CS", "Value": ["CONTAINER"]},
        "0040A050": {"vr": "CS", "Value": ["CONTINUOUS" if is_prose else "SEPARATE"]},
        "0040A730": {"vr": "SQ", "Value": [data_set]},
    }
    whole = text(report(attributes(root)))
    for stored in texts_in(data_set):
        for line in printable(stored).split("\n"):
            assert line.rstrip() in whole
