"""What a worklist says of studies, for the list of them. The archive has none: an app that has one provides it, in its
module `study_steps`, which is imported when Django has started.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

#: A query set of rows that have this field.
StudyUids = QuerySet[Any, Any]
STUDY_INSTANCE_UID = "study_instance_uid"


@dataclass(frozen=True, slots=True)
class StudySteps:
    """What is known of the steps that are about studies.

    Args:
        permission: of who may know it.
        template: what shows what is said of one study, as `said`.
        of: what is said of each of these studies, by Study Instance UID; nothing of most.
        open: the studies that have a step which is not finished, as rows with the field `STUDY_INSTANCE_UID`.
    """

    permission: str
    template: str
    of: Callable[[Sequence[str]], Mapping[str, Any]]
    open: Callable[[], StudyUids]


_provided: list[StudySteps] = []


def provide(steps: StudySteps) -> None:
    _provided[:] = [steps]


def provided() -> StudySteps | None:
    return next(iter(_provided), None)
