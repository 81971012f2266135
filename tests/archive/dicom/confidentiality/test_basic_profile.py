"""The table of the Basic Application Level Confidentiality Profile (PS3.15 Table E.1-1)."""

import pytest
from pydicom.datadict import keyword_for_tag

from archive.dicom.added_attributes import ADDED
from archive.dicom.confidentiality.basic_profile import TABLE, Action, action
from archive.dicom.value_representations import AMBIGUOUS, dictionary_vr


def test_the_table_is_that_of_the_standard():
    """PS3.15 Table E.1-1: its length, and what it says of some attributes."""
    assert len(TABLE) == 617
    assert {keyword_for_tag(tag) for tag in TABLE} >= {"PatientName", "StudyDate", "OperatorsName", "StationName"}
    for keyword, what in {
        0x00100010: Action.EMPTY,
        0x00100030: Action.EMPTY,
        0x00081030: Action.REMOVE,
        0x0020000D: Action.UID,
        0x00080080: Action.DUMMY,
        0x00081140: Action.KEEP,
        0x00091001: Action.REMOVE,
        0x60023000: Action.REMOVE,
        0x00280010: Action.KEEP,
    }.items():
        assert action(keyword) is what, hex(keyword)


def test_names_that_the_table_does_not_have_are_emptied():
    evaluator_name = 0x00142006
    assert evaluator_name not in TABLE
    assert action(evaluator_name) is Action.EMPTY


@pytest.mark.parametrize("tag", [0x00289999, 0x00090010, 0x00091001, 0x50003000, 0x60020010, 0x60FF3000])
def test_private_attributes_overlays_and_what_nobody_knows_are_removed(tag):
    assert action(tag) is Action.REMOVE


@pytest.mark.parametrize("tag", ADDED)
def test_attributes_younger_than_the_table_are_removed(tag):
    """Names to use and pronouns say who it is."""
    assert action(tag) is Action.REMOVE


def test_every_replaced_attribute_has_one_vr():
    for tag, what in TABLE.items():
        assert what is Action.REMOVE or dictionary_vr(tag, {}) not in AMBIGUOUS, keyword_for_tag(tag)
