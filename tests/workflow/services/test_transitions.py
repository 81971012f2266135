"""PS3.4 Table CC.1.1-2 through the services, every cell: status code, state, lock, reports."""

from collections.abc import Callable

import pytest

from tests.workflow.transitions import CELLS, Cell
from tests.workitems import workitem
from tests.worklist import ANOTHER_LOCK, LOCK, in_state, stored, subscribed, subscribed_globally, told_briefly, value
from workflow.errors import WorkflowError
from workflow.models import Workitem
from workflow.services.change_state import change_state
from workflow.services.create import create
from workflow.services.request_cancellation import request_cancellation

pytestmark = pytest.mark.django_db(transaction=True)

UNKNOWN = "1.2.826.0.9"
OFFERED = {"ok": LOCK, "missing": None, "wrong": ANOTHER_LOCK}
#: The warning of a request for the state that the workitem is in.
ALREADY = {"COMPLETED": 0xB306, "CANCELED": 0xB304}


def code_of(request: Callable[[], bool]) -> int | None:
    """0 for success, None where that is a warning, since nothing was to be done."""
    try:
        return None if request() else 0
    except WorkflowError as error:
        return error.code


def ask(cell: Cell, uid: str) -> int | None:
    if cell.event == "create":
        return code_of(lambda: create(workitem(), sop_instance_uid=uid).modified)
    if cell.event == "cancel request":
        return code_of(lambda: request_cancellation(uid, {}, requesting_ae="RIS").already)
    return code_of(lambda: change_state(uid, cell.event, transaction_uid=OFFERED[cell.lock]).already)


def rows() -> list[tuple[object, ...]]:
    return list(Workitem.objects.values_list("sop_instance_uid", "transaction_uid", "dicom_json", "updated_at"))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_services_do_what_the_table_says(cell: Cell):
    subscribed_globally("CREATION")
    uid = in_state(cell.state) if cell.state else UNKNOWN
    if cell.state:
        subscribed(uid)
    before = rows()

    code = ask(cell, uid)

    assert (ALREADY[cell.state] if code is None else code) == cell.code
    assert told_briefly("WATCHER" if cell.state else "CREATION") == list(cell.reports)
    if not cell.becomes:
        assert rows() == []
    else:
        row = Workitem.objects.get()
        assert row.procedure_step_state == value(stored(uid), "ProcedureStepState") == cell.becomes
        claimed = cell.state not in {"", "SCHEDULED"} or cell.becomes == cell.event == "IN PROGRESS"
        assert row.transaction_uid == (LOCK if claimed else "")
        assert (row.finished_at is not None) == (cell.becomes in ALREADY)
    if not cell.reports:
        assert rows() == before, "nothing is written"


@pytest.mark.parametrize("lock", [LOCK, ANOTHER_LOCK])
@pytest.mark.parametrize(
    ("requested", "code"), [("IN PROGRESS", 0xC300), ("COMPLETED", 0xC300), ("CANCELED", None), ("SCHEDULED", 0xC303)]
)
def test_what_was_canceled_before_anybody_claimed_it_has_no_lock_to_miss(requested: str, code: int | None, lock: str):
    uid = in_state("SCHEDULED")
    request_cancellation(uid, {}, requesting_ae="RIS")

    assert code_of(lambda: change_state(uid, requested, transaction_uid=lock).already) == code
