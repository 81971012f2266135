"""Initial events (PS3.4 Table CC.2.3-2): the states of many workitems, to an AE that is about to be subscribed to them.

There may be as many as the worklist has workitems, and only a few different reports among them: the database writes
them. Only those of canceled workitems have to be read, for the reason.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from archive import rows
from archive.dicom.dicom_json import DataSet
from workflow.event_reports import INPUT_READINESS_STATE, PROCEDURE_STEP_STATE, EventType, state_report
from workflow.models import ApplicationEntity
from workflow.services.publish import Addressed, publish, wake_on_commit
from workflow.states import CANCELED

#: Canceled workitems whose data sets are in memory at once.
BATCH = 500


def report_states(subscriber: ApplicationEntity, condition: str, *parameters: Any) -> None:
    """Report the states of all workitems `w` that meet a condition in SQL. The worklist is the caller's alone."""
    _report_by_state(subscriber, f"{condition} AND w.procedure_step_state <> %s", *parameters, CANCELED)
    for workitems in _data_sets(f"{condition} AND w.procedure_step_state = %s", *parameters, CANCELED):
        publish([Addressed(state_report(uid, data_set), (subscriber.pk,)) for uid, data_set in workitems])
    wake_on_commit([subscriber.ae_title])


def _report_by_state(subscriber: ApplicationEntity, condition: str, *parameters: Any) -> None:
    states = rows.select(
        f"SELECT DISTINCT procedure_step_state, input_readiness_state FROM workflow_workitem w WHERE {condition}",  # noqa: S608
        *parameters,
    )
    if not states:
        return
    reports = [value for state, readiness in states for value in (state, readiness, _report(state, readiness))]
    ((last,),) = rows.select_for_update(
        "SELECT last_sequence FROM workflow_applicationentity WHERE id = %s", subscriber.pk, no_key=True
    )
    number = rows.execute(
        "INSERT INTO workflow_event (subscriber_id, sequence, type, sop_instance_uid, dicom_json, created_at)"  # noqa: S608
        f" WITH reports(state, readiness, report) AS (VALUES {', '.join(['(%s, %s, %s)'] * len(states))})"
        " SELECT %s, %s + row_number() OVER (ORDER BY w.id), %s, w.sop_instance_uid, report, %s"
        " FROM workflow_workitem w JOIN reports"
        " ON w.procedure_step_state = reports.state AND w.input_readiness_state = reports.readiness"
        f" WHERE {condition}",
        *(*reports, subscriber.pk, last, int(EventType.STATE_REPORT), rows.now(), *parameters),
    )
    rows.execute("UPDATE workflow_applicationentity SET last_sequence = %s WHERE id = %s", last + number, subscriber.pk)


def _report(state: str, readiness: str) -> bytes:
    columns = {INPUT_READINESS_STATE: readiness, PROCEDURE_STEP_STATE: state}
    data_set: DataSet = {tag: {"vr": "CS", "Value": [value]} for tag, value in columns.items()}
    return orjson.dumps(state_report("", data_set).attributes)


def _data_sets(condition: str, *parameters: Any) -> Iterator[list[tuple[str, DataSet]]]:
    """UIDs and data sets, some at a time."""
    sql = (
        f"SELECT w.id, w.sop_instance_uid, w.dicom_json FROM workflow_workitem w WHERE {condition}"  # noqa: S608
        f" AND w.id > %s ORDER BY w.id LIMIT {BATCH}"
    )
    last = 0
    while found := rows.select(sql, *parameters, last):
        yield [(uid, orjson.loads(dicom_json)) for _, uid, dicom_json in found]
        last = found[-1][0]
