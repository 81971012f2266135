"""ChangeUPSState: PS3.18 Section 11.7, and N-ACTION type 1 of PS3.4 Section CC.2.1."""

from dataclasses import dataclass
from functools import partial

from archive.dicom.dicom_json import DataSet
from archive.dicom.uids import is_uid
from workflow import states
from workflow.attribute_rules import for_cancellation
from workflow.errors import InvalidWorkitem, Problem, StateConflict, lock_refused
from workflow.services import moves
from workflow.services.held import Held, hold
from workflow.services.transaction import change
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS, STATES, Already, Move, Refused, holds_lock

NO_STATE = "has to be IN PROGRESS, COMPLETED or CANCELED, which is written with one L"


@dataclass(frozen=True, slots=True)
class Changed:
    """The workitem is in the requested state; `already` says that it was before, and nothing has been done."""

    already: bool


def change_state(
    workitem: str, requested: str, *, transaction_uid: str | None, details: DataSet | None = None
) -> Changed:
    """Claim, complete or cancel a workitem, as who performs it.

    Args:
        details: of a cancellation, as `request_cancellation` has them.

    Raises:
        InvalidWorkitem: there is no such state, the Transaction UID is none, or the details cannot be kept.
        WorkitemNotFound, WorkitemDeleted
        LockMissing, LockIncorrect
        StateConflict, NotFinishable
    """
    offered = transaction_uid or ""
    if requested not in STATES:
        raise InvalidWorkitem([Problem("ProcedureStepState", NO_STATE, 0x0106)])
    if offered and not is_uid(offered):
        raise InvalidWorkitem([Problem("TransactionUID", "is not a UID", 0x0106)])
    return change(partial(apply, workitem, requested, offered, for_cancellation(details or {})))


def apply(workitem: str, requested: str, offered: str, details: DataSet) -> Changed:
    """The second half of `change_state`, within a `change`: for those who write something else with it."""
    held = hold(workitem)
    match states.change_state(held.state, requested, lock=holds_lock(held.transaction_uid, offered)):
        case Already():
            return Changed(already=True)
        case Refused(code=0xC301):
            raise lock_refused(offered)
        case Refused(code=code):
            raise StateConflict(code, held.state, requested)
        case Move(target=target):
            _move(held, target, offered, details)
    return Changed(already=False)


def _move(held: Held, target: str, offered: str, details: DataSet) -> None:
    if target == IN_PROGRESS:
        moves.claim(held, offered)
    elif target == COMPLETED:
        moves.complete(held)
    elif target == CANCELED:
        moves.cancel(held, details)
