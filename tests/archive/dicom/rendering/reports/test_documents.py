"""Which objects are documents, and how much is shown of those that are too large."""

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.uid import CTImageStorage, EncapsulatedPDFStorage, KeyObjectSelectionDocumentStorage

from archive.dicom.rendering.reports import budget
from archive.dicom.rendering.reports.budget import DEEPEST, MOST_CHARACTERS, MOST_ITEMS
from archive.dicom.rendering.reports.documents import is_report, report
from archive.dicom.rendering.reports.pages import html
from archive.dicom.rendering.reports.plain_text import text
from archive.dicom.rendering.reports.report import IS_CUT, NOT_SHOWN
from tests.archive.dicom.rendering.reports.built import attributes_of, content, sop, text_item
from tests.archive.dicom.rendering.shown import attributes

SR = [uid for uid, (name, kind, *_) in UID_dictionary.items() if kind == "SOP Class" and " SR Storage" in name]


@pytest.mark.parametrize("uid", [*SR, KeyObjectSelectionDocumentStorage, "1.2.840.10008.5.1.4.1.1.88.40"])
def test_WADO_85_every_class_of_sr_documents_is_a_report(uid):
    assert is_report(uid)


@pytest.mark.parametrize("uid", [CTImageStorage, EncapsulatedPDFStorage, "1.2.840.10008.5.1.4.1.1.8", ""])
def test_other_objects_are_none(uid):
    assert not is_report(uid)


def test_there_are_many_classes_of_sr_documents():
    assert len(SR) > 15


def test_WADO_85_a_key_object_selection_is_a_title_a_description_and_objects():
    description = text_item("For the conference", name="Key Object Description")
    images = [content("IMAGE", ReferencedSOPSequence=[sop(f"1.2.3.{number}")]) for number in (1, 2)]
    found = report(
        attributes_of(description, *images, title="Of Interest", SOPClassUID=KeyObjectSelectionDocumentStorage)
    )
    assert text(found).partition("\n\n")[2] == (
        "Key Object Description: For the conference\nCT Image 1.2.3.1\nCT Image 1.2.3.2\n"
    )
    assert (found.title, found.is_cut) == ("Of Interest", False)


def sequence(*items):
    return {"0040A730": {"vr": "SQ", "Value": list(items)}}


def said(value):
    return {"0040A040": {"vr": "CS", "Value": ["TEXT"]}, "0040A160": {"vr": "UT", "Value": [value]}}


def test_a_document_of_more_items_ends_where_it_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(budget, "MOST_ITEMS", 100)
    found = report(attributes(sequence(*(said(f"n{number}") for number in range(105)))))
    assert found.is_cut
    assert len(found.content.items) == 101
    assert found.content.items[-1].text == NOT_SHOWN
    assert IS_CUT in html(found)
    assert IS_CUT in text(found)


def test_a_document_of_longer_texts_is_cut_and_says_so():
    found = report(attributes(sequence(said("x" * MOST_CHARACTERS), said("y"), said("z"))))
    first, last = found.content.items
    assert first.text == "x" * MOST_CHARACTERS
    assert last.text == NOT_SHOWN
    assert found.is_cut
    assert len(html(found)) < MOST_CHARACTERS + 10_000


def test_a_text_that_is_too_long_is_cut():
    found = report(attributes(sequence(said("x" * (MOST_CHARACTERS + 1)))))
    assert found.content.items[0].text == "x" * MOST_CHARACTERS + "…"
    assert found.is_cut


@pytest.mark.parametrize("depth", [DEEPEST, 5000])
def test_a_document_that_is_nested_too_deep_is_cut(depth):
    inner = said("innermost")
    for _ in range(depth):
        inner = said("deep") | sequence(inner)
    found = report(attributes(inner))
    assert found.is_cut
    assert sum(item.text == "deep" for item in found.content.walk()) == DEEPEST
    assert NOT_SHOWN in html(found)
    assert text(found).rstrip().endswith(NOT_SHOWN)


def test_a_document_as_deep_as_can_be_is_shown_whole():
    inner = said("innermost")
    for _ in range(DEEPEST - 1):
        inner = said("deep") | sequence(inner)
    found = report(attributes(inner))
    assert not found.is_cut
    assert "innermost" in text(found)


def test_a_table_of_more_cells_is_cut():
    cells = [
        {
            "0040A804": {"vr": "UL", "Value": [number]},
            "0040A805": {"vr": "UL", "Value": [number]},
            "00720064": {"vr": "IS", "Value": [number]},
        }
        for number in range(1, 1001)
    ]
    values = {"vr": "SQ", "Value": [{"0040A808": {"vr": "SQ", "Value": cells}}]}
    found = report(attributes(sequence({"0040A040": {"vr": "CS", "Value": ["TABLE"]}, "0040A801": values})))
    assert len(found.content.items[0].table.rows) < MOST_ITEMS / 1000
    assert found.is_cut


def test_what_is_said_once_does_not_become_long_by_being_repeated():
    name = {"vr": "SQ", "Value": [{"00080104": {"vr": "UT", "Value": ["n" * 100_000]}}]}
    elsewhere = {"0040DB73": {"vr": "UL", "Value": [1, 1]}}
    found = report(attributes(sequence(said("x") | {"0040A043": name}, *[elsewhere] * 1000)))
    assert len(html(found)) < 600_000


def test_uids_and_lists_of_frames_are_not_longer_than_what_can_be_read():
    image = {
        "00081150": {"vr": "UT", "Value": ["1" * 5000]},
        "00081155": {"vr": "UT", "Value": ["2" * 5000]},
        "00081160": {"vr": "IS", "Value": [1] * 5000},
    }
    (reference,) = report(attributes({"00081199": {"vr": "SQ", "Value": [image]}})).content.references
    assert reference.kind == "1" * 64 + "…"
    assert reference.instance == "2" * 64 + "…"
    assert len(reference.part) == 1001


def test_units_of_many_cells_are_not_longer_than_a_meaning():
    unit = {"vr": "SQ", "Value": [{"00080104": {"vr": "UT", "Value": ["u" * 100_000]}}]}
    cells = {"0040A804": {"vr": "UL", "Value": [1]}, "00720064": {"vr": "IS", "Value": [1] * 100}, "004008EA": unit}
    values = {"vr": "SQ", "Value": [{"0040A808": {"vr": "SQ", "Value": [cells]}}]}
    (row,) = report(attributes({"0040A801": values})).content.table.rows
    assert row[1] == (f"1 {'u' * 64}…",) * 100
