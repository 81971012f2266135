"""PS3.3 Sections F.4 and F.5, held against what pydicom has of them."""

import pytest
from pydicom import fileset
from pydicom.datadict import dictionary_VR, keyword_dict
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    EncapsulatedPDFStorage,
    MicroscopyBulkSimpleAnnotationsStorage,
    ProtocolApprovalStorage,
    RTBeamsDeliveryInstructionStorage,
    RTImageStorage,
    RTIonPlanStorage,
    RTPhysicianIntentStorage,
    RTPlanStorage,
    SegmentationStorage,
)

from archive.dicom.writing.directory_records import KEYS, keys, record_type

#: Of our own: they have no keys in PS3.3, and a number helps whoever reads a directory.
NUMBER = {"InstanceNumber"}
VALUES = {"DA": "20240131", "TM": "101530", "DT": "20240131101530", "IS": "1", "US": 1, "UL": 1, "SQ": [Dataset()]}
SERIES, DATE, FLAG, TITLE, CONTENT = "00081115", "00080023", "0040A491", "0040A043", "0040A730"


@pytest.mark.parametrize(("sop_class", "expected"), fileset._FOUR_LEVEL_SOP_CLASSES.items())
def test_record_types_are_those_of_the_standard(sop_class, expected):
    assert record_type(sop_class, has_pixels=False) == expected


@pytest.mark.parametrize(
    ("sop_class", "expected"),
    [
        (CTImageStorage, "IMAGE"),
        (ProtocolApprovalStorage, "PRIVATE"),
        (SegmentationStorage, "IMAGE"),
        (RTImageStorage, "IMAGE"),
        (RTPlanStorage, "RT PLAN"),
        (RTIonPlanStorage, "RT PLAN"),
        (RTPhysicianIntentStorage, "RADIOTHERAPY"),
        (RTBeamsDeliveryInstructionStorage, "PLAN"),
        (EncapsulatedPDFStorage, "ENCAP DOC"),
        ("1.2.840.10008.5.1.4.1.1.9.100.1", "PRESENTATION"),
        (MicroscopyBulkSimpleAnnotationsStorage, "ANNOTATION"),
    ],
)
def test_record_types_that_pydicom_tells_by_other_attributes(sop_class, expected):
    assert record_type(sop_class, has_pixels=False) == expected


@pytest.mark.parametrize(("has_pixels", "expected"), [(True, "IMAGE"), (False, "PRIVATE")])
def test_objects_of_private_sop_classes_are_images_if_they_have_pixels(has_pixels, expected):
    assert record_type("1.2.826.0.1.3680043.1", has_pixels=has_pixels) == expected


@pytest.mark.parametrize("kind", sorted(fileset.DIRECTORY_RECORDERS.keys() & KEYS.keys()))
def test_the_keys_of_a_type_are_those_of_the_standard(kind):
    data_set = Dataset()
    for keyword in KEYS[kind].split():
        setattr(data_set, keyword, VALUES.get(dictionary_VR(keyword), "1"))
    theirs = {element.keyword for element in fileset.DIRECTORY_RECORDERS[kind](data_set)}
    assert theirs | NUMBER == set(KEYS[kind].split()) | NUMBER


def test_every_key_is_an_attribute_of_the_standard():
    assert {keyword for row in KEYS.values() for keyword in row.split()} <= keyword_dict.keys()


def test_keys_are_taken_and_nothing_else():
    found = keys("STUDY", {"00080020": {"vr": "DA", "Value": ["20240131"]}, "00100030": {"vr": "DA", "Value": ["1"]}})
    assert found.pop("00080020") == {"vr": "DA", "Value": ["20240131"]}
    assert set(found) == {"00080030", "00080050", "00081030", "0020000D", "00200010"}
    assert all("Value" not in element for element in found.values())


def test_numbers_are_written_as_the_text_that_their_vr_is():
    assert keys("IMAGE", {"00200013": {"vr": "IS", "Value": [7]}}) == {"00200013": {"vr": "IS", "Value": ["7"]}}


@pytest.mark.parametrize(
    "element",
    [
        {"vr": "UN", "InlineBinary": "AAAA"},
        {"vr": "UT", "BulkDataURI": "x"},
        {"vr": "DA", "Value": [{"Alphabetic": "x"}]},
    ],
)
def test_values_that_cannot_be_written_count_as_empty(element):
    assert keys("WAVEFORM", {DATE: element})[DATE] == {"vr": "DA"}


def test_conditional_keys_are_left_out_without_a_value():
    assert SERIES not in keys("PRESENTATION", {SERIES: {"vr": "SQ"}})
    assert keys("PRESENTATION", {SERIES: {"vr": "SQ", "Value": [{}]}})[SERIES] == {"vr": "SQ", "Value": [{}]}


def test_of_the_content_of_a_report_only_what_modifies_its_title_is_a_key():
    modifies = {"0040A010": {"vr": "CS", "Value": ["HAS CONCEPT MOD"]}, TITLE: {"vr": "SQ", "Value": [{}]}}
    contains = {"0040A010": {"vr": "CS", "Value": ["CONTAINS"]}, "0040A160": {"vr": "UT", "Value": ["a finding"]}}
    found = keys("SR DOCUMENT", {CONTENT: {"vr": "SQ", "Value": [contains, modifies]}})
    assert found[CONTENT] == {"vr": "SQ", "Value": [modifies]}
    assert CONTENT not in keys("SR DOCUMENT", {CONTENT: {"vr": "SQ", "Value": [contains]}})


def test_items_lose_their_character_set_and_what_is_binary():
    item = {
        "00080005": {"vr": "CS", "Value": ["ISO_IR 100"]},
        "00080104": {"vr": "LO", "Value": ["Übersicht"]},
        "00090010": {"vr": "UN", "InlineBinary": "AAAA"},
    }
    found = keys("KEY OBJECT DOC", {TITLE: {"vr": "SQ", "Value": [item]}})
    assert found[TITLE]["Value"] == [{"00080104": {"vr": "LO", "Value": ["Übersicht"]}}]
