"""Purge: workitems are deleted when they have been completed or canceled for some time and nobody has a deletion lock.

PS3.4 Section CC.2.3.1. What is scheduled or in progress is never purged. Of each purged workitem a tombstone stays for
ever: it is answered 410, and its UID is not used again.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from archive import rows
from workflow.models import Subscription, Workitem, WorkitemTombstone
from workflow.services.transaction import change
from workflow.states import CANCELED, COMPLETED

log = logging.getLogger(__name__)

#: So many workitems go in one transaction.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """How many workitems have been deleted, and how many stay because of a deletion lock though their time is over."""

    deleted: int
    locked: int


def purge(now: datetime, *, dry_run: bool = False) -> Purged:
    """Delete the workitems whose time is over.

    Args:
        dry_run: delete nothing, and count what would be.
    """
    due = list(_over(now).exclude(_is_locked(now)).order_by("pk").values_list("pk", flat=True))
    deleted = len(due) if dry_run else sum(_delete_batches(due, now))
    return Purged(deleted, _over(now).filter(_is_locked(now)).count())


def _over(now: datetime) -> QuerySet[Workitem]:
    """Final workitems that have been kept for their time."""
    completed, canceled = (
        now - timedelta(days=days) for days in (settings.ARCHIVE_UPS_COMPLETED_DAYS, settings.ARCHIVE_UPS_CANCELED_DAYS)
    )
    return Workitem.objects.filter(
        Q(procedure_step_state=COMPLETED, finished_at__lte=completed)
        | Q(procedure_step_state=CANCELED, finished_at__lte=canceled)
    )


def _is_locked(now: datetime) -> Q:
    locked = Q(Exists(Subscription.objects.filter(workitem=OuterRef("pk"), deletion_lock=True)))
    if settings.ARCHIVE_UPS_LOCK_DAYS:
        locked &= Q(finished_at__gt=now - timedelta(days=settings.ARCHIVE_UPS_LOCK_DAYS))
    return locked


def _delete_batches(due: Sequence[int], now: datetime) -> Iterator[int]:
    for start in range(0, len(due), BATCH):
        deleted = change(partial(_delete, due[start : start + BATCH], now))
        log.info("purged %d workitems", deleted)
        yield deleted


def _delete(due: Sequence[int], now: datetime) -> int:
    """Delete these, except those that somebody has locked meanwhile.

    Whoever subscribes to a workitem locks its row first: once that is held here, no further lock comes.
    """
    held = list(Workitem.objects.select_for_update().filter(pk__in=due).order_by("pk").values_list("pk", flat=True))
    free = dict(_over(now).filter(pk__in=held).exclude(_is_locked(now)).values_list("pk", "sop_instance_uid"))
    if free:
        WorkitemTombstone.objects.bulk_create(WorkitemTombstone(sop_instance_uid=uid) for uid in free.values())
        for table, column in ROWS:
            rows.execute(f"DELETE FROM {table} WHERE {column} IN %s", tuple(free))  # noqa: S608
    return len(free)


#: Where the rows of a workitem are, and by what they refer to it.
ROWS = (
    ("workflow_indexedvalue", "workitem_id"),
    ("workflow_subscription", "workitem_id"),
    ("workflow_claim", "workitem_id"),
    ("workflow_workitem", "id"),
)
