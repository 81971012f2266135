"""The moves of a workitem from state to state: checked against the Final State Requirements, written, and reported.

Whether it may move at all, PS3.4 Table CC.1.1-2 says (`workflow/states.py`).
"""

from typing import Any

from archive import rows
from archive.dicom.dicom_json import DataSet
from workflow import moments
from workflow.attribute_rules import merged, missing_for, with_cancellation
from workflow.data_sets import element
from workflow.errors import NotFinishable
from workflow.event_reports import state_report
from workflow.services.held import Held, write_back
from workflow.services.publish import publish_to_subscribers
from workflow.states import CANCELED, COMPLETED, FINAL, IN_PROGRESS, SCHEDULED
from workflow.tags import MODIFICATION_DATE_TIME, PROCEDURE_STEP_STATE


def claim(held: Held, transaction_uid: str) -> None:
    """To IN PROGRESS. The Transaction UID is the lock from here on, in the final states too."""
    _move(held, _in_state(IN_PROGRESS, held.data_set, moments.now()), transaction_uid=transaction_uid)


def complete(held: Held) -> None:
    """To COMPLETED.

    Raises:
        NotFinishable: the Final State Requirements are not met.
    """
    _move(held, _in_state(COMPLETED, held.data_set, moments.now()))


def cancel(held: Held, details: DataSet) -> None:
    """To CANCELED, from SCHEDULED by way of IN PROGRESS. What the Final State Requirements ask for is supplied.

    Args:
        details: what is known of the reason, and whom to contact.

    Raises:
        InvalidWorkitem: the details cannot be kept.
    """
    now = moments.now()
    canceled = with_cancellation(_in_state(CANCELED, held.data_set, now), now=now, reason=details)
    by_way_of = [_in_state(IN_PROGRESS, held.data_set, now)] if held.state == SCHEDULED else []
    _move(held, *by_way_of, canceled)


def _in_state(state: str, data_set: DataSet, now: str) -> DataSet:
    changes = {
        MODIFICATION_DATE_TIME: element("DT", now),
        PROCEDURE_STEP_STATE: element("CS", state),
    }
    return merged(data_set, changes)


def _move(held: Held, *stages: DataSet, **columns: Any) -> None:
    """Through these stages, to stay in the last one."""
    data_set = stages[-1]
    state = data_set[PROCEDURE_STEP_STATE]["Value"][0]
    if state in FINAL:
        if missing := missing_for(state, data_set):
            raise NotFinishable(state, missing)
        columns["finished_at"] = rows.now()
    # Of what a workitem is searched by, nothing else has changed.
    write_back(held, data_set, procedure_step_state=state, **columns)
    publish_to_subscribers(held.pk, [state_report(held.sop_instance_uid, stage) for stage in stages])
