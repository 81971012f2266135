"""What the worklist says of studies in the list of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.study_steps import StudySteps, provide
from workflow.pages.access import VIEW
from workflow.pages.shown_steps import PRIORITIES, STATES, Sign
from workflow.selectors.standing import open_studies, standing


@dataclass(frozen=True, slots=True)
class ShownStanding:
    """A `workflow.selectors.standing.Standing` in words; `priority` is None when nothing is to be done."""

    state: Sign
    steps: int
    total: int
    priority: Sign | None


def said(uids: Sequence[str]) -> Mapping[str, ShownStanding]:
    return {
        uid: ShownStanding(STATES[found.state], found.steps, found.total, PRIORITIES.get(found.priority))
        for uid, found in standing(uids).items()
    }


provide(StudySteps(VIEW, "workflow/study_standing.html", said, open_studies))
