"""Workitems as they are stored, each complete and with a UID of its own; what matters to a test is added to it."""

from itertools import count
from typing import Any

import orjson

from archive.dicom.dicom_json import DataSet, Element
from workflow.event_reports import PUSH_SOP_CLASS
from workflow.models import Workitem
from workflow.services import index

_numbers = count(1)


def element(vr: str, *values: Any) -> Element:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def code(value: str, designator: str = "99X", meaning: str = "of a test") -> DataSet:
    return {
        "00080100": element("SH", value),
        "00080102": element("SH", designator),
        "00080104": element("LO", meaning),
    }


def data_set(changes: DataSet | None = None, *, start: str = "20260101120000") -> DataSet:
    """What every workitem has, and the changes."""
    usual = {
        "00080016": element("UI", PUSH_SOP_CLASS),
        "00080018": element("UI", f"1.2.826.0.2.{next(_numbers)}"),
        "00404005": element("DT", start),
        "00404041": element("CS", "READY"),
        "00741000": element("CS", "SCHEDULED"),
        "00741200": element("CS", "MEDIUM"),
        "00741202": element("LO", "Default"),
        "00741204": element("LO", "Read"),
    }
    return dict(sorted((usual | (changes or {})).items()))


def workitem(changes: DataSet | None = None, *, start: str = "20260101120000") -> Workitem:
    """A stored workitem; see `data_set`."""
    return stored(data_set(changes, start=start))


def stored(whole: DataSet) -> Workitem:
    row = Workitem.objects.create(
        sop_instance_uid=whole["00080018"]["Value"][0], dicom_json=orjson.dumps(whole), **index.columns(whole)
    )
    index.index(row.pk, whole, new=True)
    return row
