"""Cancel a workitem without its lock, for administrators: its performer is out of order, or will not come back."""

import logging
from functools import partial

from archive.dicom.dicom_json import DataSet
from workflow.attribute_rules import for_cancellation
from workflow.errors import AlreadyCompleted
from workflow.services import moves
from workflow.services.held import hold
from workflow.services.transaction import change
from workflow.states import CANCELED, COMPLETED

log = logging.getLogger(__name__)


def force_cancel(workitem: str, details: DataSet | None = None) -> None:
    """Cancel a workitem that is scheduled or in progress; one that is canceled stays as it is.

    Args:
        details: of the cancellation, as `request_cancellation` has them.

    Raises:
        InvalidWorkitem: the details cannot be kept.
        WorkitemNotFound, WorkitemDeleted
        AlreadyCompleted
    """
    if change(partial(_force_cancel, workitem, for_cancellation(details or {}))):
        log.info("workitem %s has been canceled by an administrator", workitem)


def _force_cancel(workitem: str, details: DataSet) -> bool:
    held = hold(workitem)
    if held.state == COMPLETED:
        raise AlreadyCompleted
    if held.state == CANCELED:
        return False
    moves.cancel(held, details)
    return True
