"""The tree of content items: PS3.3 Section C.17.3."""

import pytest

from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.report import Item
from tests.archive.dicom.rendering.reports.built import (
    attributes_of,
    by_reference,
    code,
    content,
    number_item,
    only,
    read,
    text_item,
)
from tests.archive.dicom.rendering.shown import attributes, item


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("CONTAINS", ""),
        ("HAS OBS CONTEXT", "Observation context"),
        ("HAS ACQ CONTEXT", "Acquisition context"),
        ("HAS CONCEPT MOD", "Modifier"),
        ("HAS PROPERTIES", "Property"),
        ("INFERRED FROM", "Inferred from"),
        ("SELECTED FROM", "Selected from"),
        ("HAS A HUNCH", "Has a hunch"),
    ],
)
def test_a_relationship_is_in_words(stated, words):
    assert only(text_item("A mass.", relationship=stated)).relationship == words


def test_items_have_names_and_positions_and_are_within_each_other():
    location = content("CODE", "Site", "HAS CONCEPT MOD", ConceptCodeSequence=[code("Lung")])
    findings = content("CONTAINER", "Findings", items=[number_item("3", items=[location])])
    first, second = read(text_item("A mass."), findings)

    assert (first.position, first.name, first.text) == ("1.1", "Finding", "A mass.")
    assert (second.position, second.name, second.is_container) == ("1.2", "Findings", True)
    assert [(inner.position, inner.text) for inner in second.walk()] == [
        ("1.2", ""),
        ("1.2.1", "3 mm"),
        ("1.2.1.1", "Lung"),
    ]


def test_the_root_has_the_title():
    found = report(attributes_of(text_item("A mass."), title="Chest Report"))
    assert (found.title, found.content.name, found.content.position) == ("Chest Report", "Chest Report", "1")


def test_a_document_without_a_title_is_called_what_it_is():
    assert report(attributes_of(ConceptNameCodeSequence=None)).title == "Comprehensive SR"


@pytest.mark.parametrize(("continuity", "is_prose"), [("CONTINUOUS", True), ("SEPARATE", False), ("", False)])
def test_a_container_says_whether_its_items_are_sentences(continuity, is_prose):
    assert only(content("CONTAINER", ContinuityOfContent=continuity)).is_prose is is_prose


def test_an_item_says_when_it_was_observed():
    assert only(text_item("A mass.", ObservationDateTime="20240131101530")).observed == "2024-01-31 10:15:30"


def test_an_item_by_reference_has_the_name_of_its_target():
    found = report(attributes_of(number_item("3"), text_item("Malignant.", items=[by_reference(1, 1)])))
    reference = found.content.items[1].items[0]

    assert (reference.relationship, reference.target) == ("Inferred from", "1.1")
    assert found.targets == {"1.1": "Diameter"}
    assert found.target(reference) == "Diameter [1.1]"


def test_a_target_without_a_name_is_called_by_its_type():
    unnamed = content("SCOORD", GraphicType="POINT", GraphicData=[1, 2])
    assert report(attributes_of(unnamed, by_reference(1, 1))).targets == {"1.1": "scoord"}


def test_a_target_may_be_missing():
    found = report(attributes_of(by_reference(1, 7)))
    assert found.targets == {}
    assert found.target(found.content.items[0]) == "an item that is not in this document [1.7]"


def test_items_may_refer_to_each_other_and_to_themselves():
    first, second = text_item("one", items=[by_reference(1, 2)]), text_item("two", items=[by_reference(1, 1)])
    found = report(attributes_of(first, second, by_reference(1, 3), by_reference(1)))
    assert set(found.targets) == {"1.1", "1.2", "1.3", "1"}
    assert len(list(found.content.walk())) == 7


def test_items_that_are_empty_or_null_count():
    sequence = {"vr": "SQ", "Value": [None, {}, {"0040A160": {"vr": "UT", "Value": ["A mass."]}}]}
    found = report(attributes({"0040A730": sequence})).content
    assert [inner.position for inner in found.items] == ["1.1", "1.2", "1.3"]
    assert found.items[2].text == "A mass."


def test_a_data_set_without_content_is_a_document_that_says_nothing():
    found = report(attributes())
    assert (found.title, found.head, found.is_cut) == ("Document", (), False)
    assert found.content == Item(position="1")


def test_a_text_that_is_kept_apart_is_read_where_it_lies():
    long = "Long. " * 200_000
    found = report(attributes_of(content("CONTAINER", items=[text_item(long)])))
    assert found.content.items[0].items[0].text == long.strip()


@pytest.mark.parametrize(("tag", "language"), [("de-DE", "de-DE"), ("en", "en"), ("not a language", ""), ("", "")])
def test_the_language_of_the_content_is_that_which_the_document_says(tag, language):
    spoken = item(
        RelationshipType="HAS CONCEPT MOD",
        ValueType="CODE",
        ConceptNameCodeSequence=[code("Language of Content Item and Descendants", "121049", "DCM")],
        ConceptCodeSequence=[code("A language", tag, "RFC5646")],
    )
    assert report(attributes_of(text_item("Masse."), spoken)).language == language
    assert report(attributes_of(text_item("Masse."))).language == ""
