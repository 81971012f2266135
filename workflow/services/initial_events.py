"""Initial events (PS3.4 Table CC.2.3-2): the states of many workitems, to an AE that has just been subscribed to them.

There may be as many as the worklist has workitems, and only a few different reports among them: the database writes
them. Only those of canceled workitems have to be read, for the reason.
"""

from collections.abc import Iterator
from itertools import islice

import orjson

from archive import rows
from archive.dicom.dicom_json import DataSet
from workflow.data_sets import element
from workflow.event_reports import EventType, state_report
from workflow.models import ApplicationEntity
from workflow.selectors.scan import data_sets
from workflow.services.publish import Addressed, publish, wake_on_commit
from workflow.states import CANCELED
from workflow.tags import INPUT_READINESS_STATE, PROCEDURE_STEP_STATE

#: The reports of so many canceled workitems are written at once.
BATCH = 500


def report_states(subscriber: ApplicationEntity, newest: int) -> None:
    """Report the states of the workitems of all subscriptions that are newer than this one, by its primary key.

    They are all of this subscriber, and the worklist is the caller's alone.
    """
    _report_by_state(subscriber, newest)
    canceled = _canceled(newest)
    while batch := list(islice(canceled, BATCH)):
        publish([Addressed(state_report(uid, data_set), (subscriber.pk,)) for uid, data_set in batch])
    wake_on_commit([subscriber.ae_title])


#: The workitems `w` of subscriptions newer than one, in that state or in every other.
_WORKITEMS = (
    "FROM workflow_subscription s JOIN workflow_workitem w ON w.id = s.workitem_id"
    " WHERE s.id > %s AND w.procedure_step_state {} %s"
)


def _report_by_state(subscriber: ApplicationEntity, newest: int) -> None:
    others = _WORKITEMS.format("<>")
    states = rows.select(f"SELECT DISTINCT procedure_step_state, input_readiness_state {others}", newest, CANCELED)
    if not states:
        return
    reports = [value for state, readiness in states for value in (state, readiness, _report(state, readiness))]
    ((last,),) = rows.select_for_update(
        "SELECT last_sequence FROM workflow_applicationentity WHERE id = %s", subscriber.pk, no_key=True
    )
    number = rows.execute(
        "INSERT INTO workflow_event (subscriber_id, sequence, type, sop_instance_uid, dicom_json, created_at)"  # noqa: S608
        f" WITH reports(state, readiness, report) AS (VALUES {', '.join(['(%s, %s, %s)'] * len(states))}),"
        f" workitems AS (SELECT w.id, sop_instance_uid, procedure_step_state, input_readiness_state {others})"
        " SELECT %s, %s + row_number() OVER (ORDER BY id), %s, sop_instance_uid, report, %s FROM workitems"
        " JOIN reports ON state = procedure_step_state AND readiness = input_readiness_state",
        *(*reports, newest, CANCELED, subscriber.pk, last, int(EventType.STATE_REPORT), rows.now()),
    )
    rows.execute("UPDATE workflow_applicationentity SET last_sequence = %s WHERE id = %s", last + number, subscriber.pk)


def _report(state: str, readiness: str) -> bytes:
    columns = {INPUT_READINESS_STATE: readiness, PROCEDURE_STEP_STATE: state}
    data_set = {tag: element("CS", value) for tag, value in columns.items()}
    return orjson.dumps(state_report("", data_set).attributes)


def _canceled(newest: int) -> Iterator[tuple[str, DataSet]]:
    """UIDs and data sets of those that are canceled."""
    found = rows.select(f"SELECT w.id, sop_instance_uid {_WORKITEMS.format('=')} ORDER BY w.id", newest, CANCELED)
    uids = dict(found)
    return ((uids[pk], data_set) for pk, data_set in data_sets(list(uids)))
