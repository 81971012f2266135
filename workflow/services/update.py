"""UpdateUPS: PS3.18 Section 11.6, and N-SET of PS3.4 Section CC.2.6."""

from dataclasses import dataclass
from functools import partial

from archive.dicom.dicom_json import DataSet
from workflow import event_reports, moments
from workflow.attribute_rules import for_update, merged
from workflow.errors import AlreadyFinal, LockUnexpected, lock_refused
from workflow.services.held import Held, hold, write_back
from workflow.services.index import index_of, write_values
from workflow.services.publish import publish_to_subscribers
from workflow.services.transaction import change
from workflow.sizes import check_workitem
from workflow.states import FINAL, SCHEDULED, holds_lock
from workflow.tags import MODIFICATION_DATE_TIME


@dataclass(frozen=True, slots=True)
class Updated:
    """The workitem has the attributes.

    Args:
        modified: some of them are not as they were sent.
        unsupported: because a workitem cannot have them.
    """

    modified: bool
    unsupported: bool = False


def update(workitem: str, changes: DataSet, *, transaction_uid: str | None) -> Updated:
    """Replace attributes of a workitem, all of these or none. What has these values already stays as it is.

    Raises:
        InvalidWorkitem: an attribute cannot be set, or not to this.
        WorkitemNotFound, WorkitemDeleted
        AlreadyFinal
        LockMissing, LockIncorrect, LockUnexpected
    """
    checked = for_update(changes, now=moments.now())
    change(partial(_update, workitem, checked.data_set, transaction_uid or ""))
    return Updated(checked.modified, checked.unsupported)


def _update(workitem: str, changes: DataSet, offered: str) -> None:
    held = hold(workitem)
    _check(held, offered)
    data_set = merged(held.data_set, changes)
    if _content(data_set) == _content(held.data_set):
        return
    check_workitem(data_set)
    index = index_of(data_set)
    write_back(held, data_set, **index.columns)
    write_values(held.pk, index.values)
    publish_to_subscribers(held.pk, event_reports.of_change(workitem, held.data_set, data_set))


def _check(held: Held, offered: str) -> None:
    if held.state in FINAL:
        raise AlreadyFinal(held.state)
    if held.state == SCHEDULED and offered:
        raise LockUnexpected
    if held.state != SCHEDULED and not holds_lock(held.transaction_uid, offered):
        raise lock_refused(offered)


def _content(data_set: DataSet) -> DataSet:
    """What an update is about, which is not when it was made."""
    return {tag: element for tag, element in data_set.items() if tag != MODIFICATION_DATE_TIME}
