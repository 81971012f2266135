"""How background work is doing: what waits, what has failed, and who is there to do it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from archive.models import Derivation, FailedTask, WorkerSeen

#: Of what waits, no more are counted.
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Derivations:
    """Instances from which something is to be derived; since when one should have been sent to a worker."""

    waiting: int
    failed: int
    overdue_since: datetime | None


def derived_from() -> Derivations:
    waiting = Derivation.objects.filter(state=Derivation.State.WAITING)
    overdue = waiting.filter(due_at__lt=timezone.now())
    failed = Derivation.objects.filter(state=Derivation.State.FAILED)
    return Derivations(
        waiting=waiting.order_by()[:MOST_COUNTED].count(),
        failed=failed.order_by()[:MOST_COUNTED].count(),
        overdue_since=overdue.order_by("due_at").values_list("due_at", flat=True).first(),
    )


def failed_derivations(most: int) -> list[Derivation]:
    """Of the newest instances first."""
    failed = Derivation.objects.filter(state=Derivation.State.FAILED)
    return list(failed.select_related("instance").order_by("-instance_id")[:most])


def failed_tasks(most: int) -> list[FailedTask]:
    """The last first."""
    return list(FailedTask.objects.order_by("-failed_at")[:most])


def workers() -> list[WorkerSeen]:
    return list(WorkerSeen.objects.order_by("name"))
