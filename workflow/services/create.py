"""CreateUPS: PS3.18 Section 11.4, and N-CREATE of PS3.4 Section CC.2.5."""

from dataclasses import dataclass, field
from functools import partial

import orjson
from django.conf import settings

from archive import rows
from archive.dicom.dicom_json import DataSet
from archive.dicom.uids import is_uid
from archive.dicom.value_representations import first_value
from workflow import event_reports, moments
from workflow.attribute_rules import for_creation
from workflow.data_sets import element
from workflow.errors import DuplicateWorkitem, InvalidWorkitem, Problem
from workflow.models import Workitem
from workflow.services.index import index_of, write_values
from workflow.services.publish import Addressed, publish
from workflow.services.subscribe import subscribe_to_new
from workflow.services.transaction import change
from workflow.sizes import check_workitem
from workflow.tags import SOP_INSTANCE_UID
from workflow.uids import GLOBAL_SUBSCRIPTIONS, new_uid


@dataclass(frozen=True, slots=True)
class Created:
    """The workitem is there; `modified` says that it is not quite as it was sent."""

    sop_instance_uid: str
    modified: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A workitem that may be created; see `prepare`."""

    sop_instance_uid: str
    data_set: DataSet = field(repr=False)
    modified: bool


def create(data_set: DataSet, *, sop_instance_uid: str | None = None) -> Created:
    """Create a workitem.

    Args:
        sop_instance_uid: the one that it is to have. Where neither this nor the data set names one, it gets a new one.

    Raises:
        InvalidWorkitem, NotScheduled
        DuplicateWorkitem: there is or was one with this UID.
    """
    prepared = prepare(data_set, sop_instance_uid=sop_instance_uid, strict=settings.ARCHIVE_UPS_STRICT)
    change(partial(insert, prepared))
    return Created(prepared.sop_instance_uid, prepared.modified)


def prepare(data_set: DataSet, *, sop_instance_uid: str | None = None, strict: bool) -> Prepared:
    """The first half of `create`, for those who write something else in the transaction of the second.

    Raises:
        InvalidWorkitem, NotScheduled
    """
    uid = _sop_instance_uid(data_set, sop_instance_uid)
    named = {SOP_INSTANCE_UID: element("UI", uid)}
    checked = for_creation(
        data_set | named, strict=strict, now=moments.now(), worklist_label=settings.ARCHIVE_WORKLIST_LABEL
    )
    check_workitem(checked.data_set)
    return Prepared(uid, checked.data_set, checked.modified)


def _sop_instance_uid(data_set: DataSet, requested: str | None) -> str:
    """PS3.18 Section 11.4.1: the query or the data set names it; that both do is fine as long as they agree."""
    match [uid for uid in {requested, first_value(data_set, SOP_INSTANCE_UID)} if uid]:
        case []:
            return new_uid()
        case [str(uid)] if is_uid(uid):
            return uid
        case [_]:
            raise InvalidWorkitem([Problem("SOPInstanceUID", "is not a UID", 0x0106)])
    raise InvalidWorkitem([Problem("SOPInstanceUID", "is not the one that the request names elsewhere", 0x0106)])


def insert(prepared: Prepared) -> None:
    """The second half of `create`, within a `change`.

    Raises:
        DuplicateWorkitem
    """
    uid, data_set = prepared.sop_instance_uid, prepared.data_set
    if _is_taken(uid):
        raise DuplicateWorkitem(uid)
    index = index_of(data_set)
    columns = index.columns | {"sop_instance_uid": uid, "dicom_json": orjson.dumps(data_set)}
    [pk] = rows.insert(Workitem, [columns])
    write_values(pk, index.values, new=True)
    told = subscribe_to_new(pk, uid, data_set)
    publish([Addressed(report, told) for report in event_reports.of_creation(uid, data_set)])


def _is_taken(uid: str) -> bool:
    """In one statement: a workitem that is being purged is there until its tombstone is."""
    if uid in GLOBAL_SUBSCRIPTIONS:
        return True
    return bool(
        rows.select(
            "SELECT 1 FROM workflow_workitem WHERE sop_instance_uid = %s"
            " UNION ALL SELECT 1 FROM workflow_workitemtombstone WHERE sop_instance_uid = %s",
            uid,
            uid,
        )
    )
