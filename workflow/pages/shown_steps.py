"""A workitem as a row of the worklist or at the head of its page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.models import Claim, Workitem
from workflow.pages import shown_moments
from workflow.pages.shown_moments import ShownMoment
from workflow.readable_steps import Progress, accession_numbers, stations
from workflow.selectors.worklist import ListedStep
from workflow.states import CANCELED, COMPLETED, FINAL, IN_PROGRESS, SCHEDULED


@dataclass(frozen=True, slots=True)
class Sign:
    """A word with its icon, if there is one, and the class of its colour."""

    word: str
    icon: str
    css: str


STATES: Mapping[str, Sign] = {
    SCHEDULED: Sign("Scheduled", "calendar3", "state-scheduled"),
    IN_PROGRESS: Sign("In progress", "arrow-repeat", "state-in-progress"),
    COMPLETED: Sign("Completed", "check2", "state-completed"),
    CANCELED: Sign("Canceled", "x-lg", "state-canceled"),
}
PRIORITIES: Mapping[str, Sign] = {
    "HIGH": Sign("High", "chevron-up", "priority-high"),
    "MEDIUM": Sign("Medium", "", "priority-medium"),
    "LOW": Sign("Low", "chevron-down", "priority-low"),
}
NOT_READY: Mapping[str, str] = {"INCOMPLETE": "Input incomplete", "UNAVAILABLE": "Input unavailable"}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """What templates show of a workitem.

    Args:
        due: see `selectors.worklist.DUE`.
        is_mine: whether who looks has claimed it; `performer`: who has, if a person.
        asked_to_cancel: whether somebody wants that person to cancel it.
    """

    row: Workitem
    state: Sign
    priority: Sign
    not_ready: str
    progress: Progress
    stations: Sequence[str]
    accession_numbers: Sequence[str]
    start: ShownMoment | None
    due: ShownMoment | None
    performer: str
    is_mine: bool
    asked_to_cancel: bool

    @property
    def uid(self) -> str:
        return self.row.sop_instance_uid

    @property
    def is_open(self) -> bool:
        return self.row.procedure_step_state not in FINAL

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due is not None and self.due.is_over

    @property
    def version(self) -> str:
        claim = _claim(self.row)
        of_claim = (claim.claimed_at, claim.cancel_requested_at) if claim else ()
        return version(self.row.updated_at, *of_claim)


def version(*moments: datetime | None) -> str:
    """Another one after each change: of the workitem, of who performs it, of what they are asked."""
    return "-".join(f"{moment.timestamp():.6f}" for moment in moments if moment)


def shown_steps(listed: Iterable[ListedStep], user: Any, now: datetime) -> Iterator[ShownStep]:
    return (shown_step(one, user, now) for one in listed)


def shown_step(listed: ListedStep, user: Any, now: datetime) -> ShownStep:
    row, claim = listed.workitem, _claim(listed.workitem)
    start, expected = (
        shown_moments.of_columns(*columns, now)
        for columns in (
            (row.scheduled_procedure_step_start_date_time, row.scheduled_procedure_step_start_as_shown),
            (row.expected_completion_date_time, row.expected_completion_as_shown),
        )
    )
    return ShownStep(
        row=row,
        state=STATES[row.procedure_step_state],
        priority=PRIORITIES.get(row.scheduled_procedure_step_priority, PRIORITIES["MEDIUM"]),
        not_ready=NOT_READY.get(row.input_readiness_state, ""),
        progress=Progress.of(listed.data_set),
        stations=[str(code) for code in stations(listed.data_set)],
        accession_numbers=accession_numbers(listed.data_set),
        start=start,
        due=expected or start,
        performer=str(claim.user) if claim and claim.user else "",
        is_mine=claim is not None and claim.user_id is not None and claim.user_id == user.pk,
        asked_to_cancel=claim is not None and claim.cancel_requested_at is not None and row.finished_at is None,
    )


def _claim(row: Workitem) -> Claim | None:
    claim: Claim | None = getattr(row, "claim", None)
    return claim
