"""Workitems performed by people: the archive keeps the Transaction UID for them, and never shows it."""

from functools import partial
from typing import Any

import orjson
from django.utils import timezone

from archive.dicom.dicom_json import DataSet
from workflow.data_sets import element, in_order
from workflow.errors import LockMissing, StateConflict
from workflow.event_reports import EventReport
from workflow.missing import missing
from workflow.models import Claim, Workitem
from workflow.performed_procedure import Performed
from workflow.readable_steps import performed_item, progress_item
from workflow.selectors.claims import lock_of
from workflow.selectors.workitems import data_set_of
from workflow.services import change_state as states
from workflow.services.transaction import change
from workflow.services.update import update
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS
from workflow.tags import PROGRESS, PROGRESS_DESCRIPTION, PROGRESS_INFORMATION_SEQUENCE
from workflow.uids import new_uid


def claim(workitem: str, user: Any, ae_title: str) -> None:
    """Claim a workitem for somebody, who acts under this AE title.

    Raises:
        WorkitemNotFound, WorkitemDeleted
        LockIncorrect, StateConflict: it is claimed, or over.
    """
    change(partial(_claim, workitem, user, ae_title))


def _claim(workitem: str, user: Any, ae_title: str) -> None:
    states.apply(workitem, IN_PROGRESS, new_uid(), {})
    row = Workitem.objects.only("pk").get(sop_instance_uid=workitem)
    Claim.objects.create(workitem=row, user=user, ae_title=ae_title)


def take_over(workitem: str, user: Any, ae_title: str) -> None:
    """Put somebody in the place of the person who has claimed a workitem, and will not go on with it.

    Raises:
        WorkitemNotFound, WorkitemDeleted
        LockMissing: no person has claimed it; whoever did has its Transaction UID.
        StateConflict: it is over.
    """
    change(partial(_take_over, workitem, user, ae_title))


def _take_over(workitem: str, user: Any, ae_title: str) -> None:
    row = Workitem.objects.select_for_update(no_key=True).filter(sop_instance_uid=workitem).defer("dicom_json").first()
    if row is None:
        raise missing(workitem)
    if row.procedure_step_state != IN_PROGRESS:
        raise StateConflict(0xC300, row.procedure_step_state, IN_PROGRESS)
    if not Claim.objects.filter(workitem=row).update(user=user, ae_title=ae_title, claimed_at=timezone.now()):
        raise LockMissing


def report_progress(workitem: str, user: Any, percent: int | None, description: str) -> None:
    """Say how far the work is; what has been said of contacts and parameters stays.

    Raises:
        WorkitemNotFound, WorkitemDeleted
        LockMissing: somebody else has claimed it.
        AlreadyFinal, InvalidWorkitem
    """
    lock = _lock(workitem, user)
    said: DataSet = {
        PROGRESS: element("DS", *([percent] if percent is not None else [])),
        PROGRESS_DESCRIPTION: element("ST", *([description] if description else [])),
    }
    kept = {tag: held for tag, held in progress_item(data_set_of(workitem)).items() if tag not in said}
    item = in_order(kept | {tag: held for tag, held in said.items() if "Value" in held})
    update(workitem, {PROGRESS_INFORMATION_SEQUENCE: element("SQ", item)}, transaction_uid=lock)


def complete(workitem: str, user: Any, performed: Performed) -> None:
    """Say what was performed, and complete the workitem.

    Raises:
        WorkitemNotFound, WorkitemDeleted
        LockMissing: somebody else has claimed it.
        AlreadyFinal, StateConflict, InvalidWorkitem
        NotFinishable: something is missing all the same.
    """
    lock = _lock(workitem, user)
    update(workitem, performed.changes(performed_item(data_set_of(workitem))), transaction_uid=lock)
    states.change_state(workitem, COMPLETED, transaction_uid=lock)


def cancel(workitem: str, user: Any, details: DataSet) -> None:
    """Cancel a workitem as the person who performs it.

    Args:
        details: as `request_cancellation` has them.

    Raises:
        WorkitemNotFound, WorkitemDeleted
        LockMissing: somebody else has claimed it.
        StateConflict, InvalidWorkitem
    """
    states.change_state(workitem, CANCELED, transaction_uid=_lock(workitem, user), details=details)


def ask_to_cancel(workitem_pk: int, report: EventReport) -> bool:
    """Tell the person who has claimed a workitem that somebody wants it to be canceled, within a `change`.

    Returns:
        whether a person has.
    """
    asked = orjson.dumps(report.attributes)
    claimed = Claim.objects.filter(workitem=workitem_pk).exclude(user=None)
    return claimed.update(cancel_requested_at=timezone.now(), cancel_request=asked) > 0


def _lock(workitem: str, user: Any) -> str:
    lock = lock_of(workitem, user)
    if lock:
        return lock
    if not Workitem.objects.filter(sop_instance_uid=workitem).exists():
        raise missing(workitem)
    raise LockMissing
