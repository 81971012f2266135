"""Every key of PS3.4 Table CC.2.5-3, by keyword and by tag, finds what has its value in any item, and nothing else."""

import csv
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from archive.dicom.dicom_json import DataSet
from tests.workflow import building
from tests.workflow.selectors.searching import found
from workflow import attribute_table

pytestmark = pytest.mark.django_db

TABLE = Path(attribute_table.__file__).with_suffix(".csv")

#: By VR: a value in a data set, the same in a query, and another value in a data set.
VALUES: dict[str, tuple[Any, str, Any]] = {
    "AE": ("AIALG", "AIALG", "OTHER"),
    "CS": ("ABC", "ABC", "DEF"),
    "DA": ("20260131", "20260131", "20260201"),
    "DS": (1.5, "1.50", 2.5),
    "DT": ("20260131101500", "20260131101500", "20260131101501"),
    "FD": (1.5, "1.50", 2.5),
    "IS": (7, "07", 8),
    "LO": ("Some Text", "Some Text", "Some text"),
    "LT": ("Some Text", "Some Text", "Other Text"),
    "PN": ({"Alphabetic": "Müller^Anna"}, "muller", {"Alphabetic": "Miller^Anna"}),
    "SH": ("Code", "Code", "Codes"),
    "ST": ("Some Text", "Some Text", "Other Text"),
    "TM": ("101500", "1015", "101501"),
    "UC": ("Long", "Long", "Longer"),
    "UI": ("1.2.3", "1.2.3", "1.2.30"),
    "UL": (7, "7", 8),
    "UR": ("urn:x:1", "urn:x:1", "urn:x:2"),
    "US": (7, "7", 8),
    "UT": ("Some Text", "Some Text", "Other Text"),
}


def rows(*codes: str) -> list[Any]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            pytest.param(row["path"], row["tag"], row["vr"], id=row["path"])
            for row in csv.DictReader(file)
            if row["match"] in codes and row["vr"] not in {"", "SQ"} and row["path"] != "TransactionUID"
        ]


def having(tags: str, vr: str, *values: Any) -> DataSet:
    """A data set with the values, each in an item of its own of the sequence nearest to it."""
    *sequences, tag = tags.split(".")
    items: list[DataSet] = [{tag: {"vr": vr, "Value": [value]}} for value in values]
    for sequence in reversed(sequences):
        items = [{sequence: {"vr": "SQ", "Value": items}}]
    assert len(items) == 1
    return items[0]


def store(changes: DataSet, uid: str) -> None:
    building.stored(building.data_set(SOPInstanceUID=uid) | changes)


def test_the_table_has_all_keys_of_the_standard():
    assert (len(rows("U")), len(rows("R"))) == (1, 45)


@pytest.mark.parametrize(("keywords", "tags", "vr"), rows("U", "R"))
def test_a_unique_or_required_key_is_matched_by_an_index(keywords: str, tags: str, vr: str, settings: LazySettings):
    settings.ARCHIVE_MAX_SCANNED = 0
    value, asked, other = VALUES[vr]
    store(having(tags, vr, other), "1.2.30")
    store(having(tags, vr, value), "1.2.3")
    assert found({keywords: asked}) == ["1.2.3"]
    assert found({tags: asked}) == ["1.2.3"]


@pytest.mark.parametrize(("keywords", "tags", "vr"), [row for row in rows("R", "O") if "." in row.values[1]])
def test_a_value_is_found_in_any_item(keywords: str, tags: str, vr: str):
    """PS3.4 Section C.2.2.2.6; the first item is not the only one."""
    value, asked, other = VALUES[vr]
    store(having(tags, vr, other, value), "1.2.3")
    store(having(tags, vr, other, other), "1.2.4")
    assert found({keywords: asked}) == ["1.2.3"]


@pytest.mark.parametrize(("keywords", "tags", "vr"), rows("O"))
def test_an_optional_key_is_matched_too(keywords: str, tags: str, vr: str):
    value, asked, other = VALUES[vr]
    if tags == "00080016":  # which all workitems have in common
        value = other = asked = "1.2.840.10008.5.1.4.34.6.1"
    store(having(tags, vr, value), "1.2.3")
    assert found({keywords: asked}) == found({tags: asked}) == ["1.2.3"]
    if value != other:
        store(having(tags, vr, other), "1.2.4")
        assert found({keywords: asked}) == ["1.2.3"]
