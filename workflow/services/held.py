"""A workitem that is being changed: read under a lock, and written back."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from archive import rows
from archive.dicom.dicom_json import DataSet
from workflow.missing import missing
from workflow.models import Workitem


@dataclass(frozen=True, slots=True)
class Held:
    """A workitem as it is; nobody else changes it before the transaction ends.

    Args:
        transaction_uid: the lock; "" when nobody has claimed it.
    """

    pk: int
    sop_instance_uid: str
    state: str
    transaction_uid: str = field(repr=False)
    data_set: DataSet = field(repr=False)


def hold(workitem: str) -> Held:
    """The workitem, for this transaction alone to change.

    Raises:
        WorkitemNotFound, WorkitemDeleted
    """
    found = rows.select_for_update(
        "SELECT id, procedure_step_state, transaction_uid, dicom_json FROM workflow_workitem"
        " WHERE sop_instance_uid = %s",
        workitem,
        no_key=True,
    )
    if not found:
        raise missing(workitem)
    [(pk, state, transaction_uid, dicom_json)] = found
    return Held(pk, workitem, state, transaction_uid, orjson.loads(dicom_json))


def write_back(held: Held, data_set: DataSet, **columns: Any) -> None:
    """Give the workitem this data set, and these columns."""
    rows.update(Workitem, held.pk, dicom_json=orjson.dumps(data_set), **columns)
