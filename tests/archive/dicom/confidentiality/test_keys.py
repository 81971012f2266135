"""Keys beside de-identified objects: what the profile leaves of them."""

import pytest

from archive.dicom.confidentiality.keys import deidentified_keys
from archive.dicom.confidentiality.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"key")


def left(tag: str, vr: str, *values: object) -> list[object]:
    element = deidentified_keys({tag: {"vr": vr, "Value": list(values)}}, PSEUDONYMS)[tag]
    assert element["vr"] == vr
    return element.get("Value", [])


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        ("00100010", "PN", {"Alphabetic": "Doe^Jane"}),
        ("00080020", "DA", "20240131"),
        ("00080050", "SH", "ACC-1"),
        ("00081030", "LO", "Knee"),
        ("00400555", "SQ", {}),
        ("00091010", "LO", "private"),
    ],
)
def test_what_identifies_the_patient_is_empty_and_no_dummy_takes_its_place(tag, vr, value):
    assert left(tag, vr, value) == []


@pytest.mark.parametrize(("tag", "vr", "value"), [("00080060", "CS", "CT"), ("00200011", "IS", "3")])
def test_what_does_not_stays(tag, vr, value):
    assert left(tag, vr, value) == [value]


def test_uids_and_identifiers_are_those_of_the_objects():
    assert left("0020000D", "UI", "1.2.3") == [PSEUDONYMS.uids(b"1.2.3").decode()]
    assert left("00100020", "LO", "ID-1") == [PSEUDONYMS.identifier(b"ID-1").decode()]


def test_what_stays_in_sequences_is_what_the_profile_leaves_of_it():
    item = {"0040A010": {"vr": "CS", "Value": ["CONTAINS"]}, "00081155": {"vr": "UI", "Value": ["1.2.3"]}}

    (kept,) = left("00081115", "SQ", item)

    assert kept["0040A010"]["Value"] == ["CONTAINS"]
    assert kept["00081155"]["Value"] == [PSEUDONYMS.uids(b"1.2.3").decode()]
