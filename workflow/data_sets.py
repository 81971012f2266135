"""Data sets in the DICOM JSON Model, made and taken apart."""

from collections.abc import Iterable
from typing import Any

from archive.dicom.dicom_json import DataSet, Element


def element(vr: str, *values: Any) -> Element:
    """An element with these values, or without any."""
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def is_valued(data_set: DataSet, tag: str) -> bool:
    return any(value is not None for value in data_set.get(tag, {}).get("Value", ()))


def valued(data_set: DataSet, tags: Iterable[str]) -> DataSet:
    """Those of these attributes that have a value."""
    return {tag: data_set[tag] for tag in tags if is_valued(data_set, tag)}


def in_order(data_set: DataSet) -> DataSet:
    """The same, its tags ascending (PS3.18 Section F.2.2)."""
    return dict(sorted(data_set.items()))
