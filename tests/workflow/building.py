"""Workitems as they are stored, each complete and with a UID of its own."""

from itertools import count
from typing import Any

import orjson

from archive.dicom.dicom_json import DataSet
from tests import workitems
from workflow.models import Workitem
from workflow.services.index import index_of, write_values
from workflow.uids import PUSH_SOP_CLASS

_numbers = count(1)


def data_set(**attributes: Any) -> DataSet:
    """As `workitems.workitem`, with the UIDs that the archive gives it, and without what never leaves it."""
    uids = {"SOPClassUID": PUSH_SOP_CLASS, "SOPInstanceUID": f"1.2.826.0.2.{next(_numbers)}", "TransactionUID": None}
    return workitems.workitem(**(uids | attributes))


def workitem(**attributes: Any) -> Workitem:
    """A stored workitem; `attributes` as those of `workitems.workitem`."""
    return stored(data_set(**attributes))


def stored(whole: DataSet) -> Workitem:
    index = index_of(whole)
    row = Workitem.objects.create(
        sop_instance_uid=whole["00080018"]["Value"][0], dicom_json=orjson.dumps(whole), **index.columns
    )
    write_values(row.pk, index.values, new=True)
    return row
