"""PS3.4 Table CC.1.1-2, cell by cell. Who asks with which lock, the services' own tests say."""

import pytest

from tests.workflow.transitions import CELLS, Cell
from workflow.states import (
    CANCEL_REQUESTS,
    FINAL,
    STATES,
    Already,
    Asked,
    Move,
    Outcome,
    Refused,
    change_state,
    holds_lock,
)

LOCK = "1.2.3"


def outcome(cell: Cell) -> Outcome:
    if cell.code in {0xB304, 0xB306}:
        return Already(cell.code)
    if cell.code:
        return Refused(cell.code)
    return Asked() if cell.becomes == cell.state else Move(cell.becomes)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.event in STATES and cell.state], ids=str)
def test_a_change_of_state_has_the_outcome_of_the_table(cell: Cell):
    assert change_state(cell.state, cell.event, lock=cell.lock == "ok") == outcome(cell)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.event == "cancel request" and cell.state], ids=str)
def test_a_request_to_cancel_has_the_outcome_of_the_table(cell: Cell):
    assert CANCEL_REQUESTS[cell.state] == outcome(cell)


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("requested", STATES)
@pytest.mark.parametrize("lock", [True, False])
def test_nothing_leads_away_from_a_final_state(state: str, requested: str, lock: bool):
    assert not isinstance(change_state(state, requested, lock=lock), Move)


@pytest.mark.parametrize(
    ("lock", "offered", "holds"),
    [
        (LOCK, LOCK, True),
        (LOCK, "1.2.4", False),
        (LOCK, "", False),
        ("", LOCK, True),
        ("", "", False),
    ],
)
def test_the_lock_is_the_transaction_uid_of_the_claim_and_any_before_it(lock: str, offered: str, holds: bool):
    assert holds_lock(lock, offered) is holds
