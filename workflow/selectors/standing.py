"""How it stands with the steps that are about studies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet

from archive.study_steps import STUDY_INSTANCE_UID
from workflow.models import IndexedValue
from workflow.queryable import study_paths
from workflow.selectors.worklist import OPEN
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS, SCHEDULED
from workflow.worklist_query import PRIORITIES

#: The state that matters most is the first.
IMPORTANCE = (IN_PROGRESS, SCHEDULED, COMPLETED, CANCELED)


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to say of a study in a few words.

    Args:
        state: of its steps the one that matters most; so many `steps` of `total` are in it.
        priority: the highest of those that are not finished; empty when all are.
    """

    state: str
    steps: int
    total: int
    priority: str


def standing(uids: Sequence[str]) -> Mapping[str, Standing]:
    """By Study Instance UID; studies that no step is about are left out."""
    found: dict[str, dict[tuple[str, str], int]] = {}
    about = IndexedValue.objects.filter(path__in=study_paths(), value__in=uids).order_by()
    state, priority = "workitem__procedure_step_state", "workitem__scheduled_procedure_step_priority"
    counted = about.values_list("value", state, priority).annotate(Count("workitem", distinct=True))
    for uid, *kind, number in counted:
        found.setdefault(uid, {})[kind[0], kind[1]] = number
    return {uid: _of(numbers) for uid, numbers in found.items()}


def _of(numbers: Mapping[tuple[str, str], int]) -> Standing:
    """From how many steps there are of each state and priority."""
    first = min((state for state, _ in numbers), key=IMPORTANCE.index)
    steps = sum(number for (state, _), number in numbers.items() if state == first)
    # What has no priority, or none of the standard's, counts as MEDIUM (PS3.3 Section C.30.2).
    pressing = {priority if priority in PRIORITIES else "MEDIUM" for state, priority in numbers if state in OPEN}
    return Standing(first, steps, sum(numbers.values()), min(pressing, key=PRIORITIES.index, default=""))


def open_studies() -> QuerySet[IndexedValue, Any]:
    """The studies that a step which is not finished is about."""
    about = IndexedValue.objects.filter(path__in=study_paths(), workitem__procedure_step_state__in=OPEN)
    return about.values(**{STUDY_INSTANCE_UID: F("value")})
