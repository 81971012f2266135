"""The states of a workitem and the moves between them: PS3.4 Table CC.1.1-2."""

from collections.abc import Mapping
from dataclasses import dataclass

SCHEDULED = "SCHEDULED"
IN_PROGRESS = "IN PROGRESS"
COMPLETED = "COMPLETED"
CANCELED = "CANCELED"

STATES = (SCHEDULED, IN_PROGRESS, COMPLETED, CANCELED)
#: From these nothing leads away.
FINAL = frozenset({COMPLETED, CANCELED})


@dataclass(frozen=True, slots=True)
class Move:
    """The workitem goes to this state; to a final one only if it meets the Final State Requirements, else 0xC304."""

    target: str


@dataclass(frozen=True, slots=True)
class Already:
    """Nothing changes: the workitem is in the requested state. A warning, by its status code."""

    code: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Nothing changes: the performer is told of the wish, and decides."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changes, for the reason that the status code names (PS3.4 Table CC.2.1-3)."""

    code: int


Outcome = Move | Already | Asked | Refused

#: PS3.4 Table CC.1.1-2, Change State by a client that holds the lock: current state -> requested state -> outcome.
WITH_LOCK: Mapping[str, Mapping[str, Outcome]] = {
    SCHEDULED: {
        SCHEDULED: Refused(0xC303),
        IN_PROGRESS: Move(IN_PROGRESS),
        COMPLETED: Refused(0xC310),
        CANCELED: Refused(0xC310),
    },
    IN_PROGRESS: {
        SCHEDULED: Refused(0xC303),
        IN_PROGRESS: Refused(0xC302),
        COMPLETED: Move(COMPLETED),
        CANCELED: Move(CANCELED),
    },
    COMPLETED: {
        SCHEDULED: Refused(0xC303),
        IN_PROGRESS: Refused(0xC300),
        COMPLETED: Already(0xB306),
        CANCELED: Refused(0xC300),
    },
    CANCELED: {
        SCHEDULED: Refused(0xC303),
        IN_PROGRESS: Refused(0xC300),
        COMPLETED: Refused(0xC300),
        CANCELED: Already(0xB304),
    },
}

#: The same without the lock: the Transaction UID is missing, or is not the one that the workitem was claimed with.
WITHOUT_LOCK: Mapping[str, Outcome] = {
    SCHEDULED: Refused(0xC303),
    IN_PROGRESS: Refused(0xC301),
    COMPLETED: Refused(0xC301),
    CANCELED: Refused(0xC301),
}

#: PS3.4 Table CC.1.1-2, Request Cancel. What is scheduled goes by way of IN PROGRESS.
CANCEL_REQUESTS: Mapping[str, Outcome] = {
    SCHEDULED: Move(CANCELED),
    IN_PROGRESS: Asked(),
    COMPLETED: Refused(0xC311),
    CANCELED: Already(0xB304),
}


def holds_lock(lock: str, offered: str) -> bool:
    """Whether the Transaction UID that a client offers is the lock: any will do where nobody has claimed the workitem.

    Args:
        lock: "" when nobody has.
        offered: "" when there is none.
    """
    return offered != "" and lock in ("", offered)


def change_state(current: str, requested: str, *, lock: bool) -> Outcome:
    """What becomes of a request to change the state.

    Args:
        lock: whether the client `holds_lock`.
    """
    return WITH_LOCK[current][requested] if lock else WITHOUT_LOCK[requested]
