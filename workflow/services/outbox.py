"""How long events are kept: so many days, and so many of each AE; those that have been sent too, to be asked for again.

A new event channel begins with no more than that (`selectors/events.py`). The rows of the others go a little later: a
few at a time when something is published, so that the outbox is bounded where nothing runs in the background, and all
of them in `prune`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import connection
from django.utils import timezone

from archive import rows
from archive.transactions import write
from workflow.models import ApplicationEntity

log = logging.getLogger(__name__)

#: Who is connected gets all that was published within this time, however much: a subscription to all workitems may
#: report as many states as there are workitems.
GRACE = timedelta(hours=1)
#: The events of an AE are looked through once in so many of them, and so many are dropped in one transaction.
STEP = 500
BATCH = 5000


def prune() -> int:
    """Drop all events that are not kept any longer. Returns how many."""
    subscribers = ApplicationEntity.objects.order_by("pk").values_list("pk", flat=True)
    return sum(map(_prune, list(subscribers)))


def tidy(numbers: Mapping[int, tuple[int, int]]) -> None:
    """Drop some of the oldest events of AEs, if it is their turn. They are locked by the caller.

    Args:
        numbers: primary key of an AE -> the sequences of its newest event before and after the present publication.
    """
    for subscriber, (before, last) in numbers.items():
        if (before + subscriber) // STEP != (last + subscriber) // STEP:  # they take turns
            _say(_drop(subscriber, 2 * STEP + last - before))


def _prune(subscriber: int) -> int:
    total = _Dropped()
    while (dropped := write(partial(_drop, subscriber, BATCH))).events:
        total = _Dropped(dropped.ae_title, total.events + dropped.events, total.unsent + dropped.unsent)
    _say(total)
    return total.events


@dataclass(frozen=True, slots=True)
class _Dropped:
    """So many events of an AE are gone, and it had not been sent so many of them."""

    ae_title: str = ""
    events: int = 0
    unsent: int = 0


def _drop(subscriber: int, most: int) -> _Dropped:
    """Drop those of the oldest events of an AE that are kept no longer."""
    found = rows.select_for_update(
        "SELECT ae_title, last_sequence, delivered_sequence FROM workflow_applicationentity WHERE id = %s",
        subscriber,
        no_key=True,
    )
    if not found:  # it has been deleted meanwhile, with its events
        return _Dropped()
    [(ae_title, last, delivered)] = found
    now = timezone.now()
    kept = timedelta(days=settings.ARCHIVE_UPS_EVENT_DAYS) if settings.ARCHIVE_UPS_KEEP_EVENTS else GRACE
    dropped = rows.select(
        "DELETE FROM workflow_event WHERE id IN"
        " (SELECT id FROM workflow_event WHERE subscriber_id = %s ORDER BY sequence LIMIT %s)"
        " AND created_at < %s AND (sequence <= %s OR created_at < %s) RETURNING sequence",
        subscriber,
        most,
        connection.ops.adapt_datetimefield_value(now - GRACE),
        last - settings.ARCHIVE_UPS_EVENTS_KEPT,
        connection.ops.adapt_datetimefield_value(now - kept),
    )
    return _Dropped(ae_title, len(dropped), sum(sequence > delivered for (sequence,) in dropped))


def _say(dropped: _Dropped) -> None:
    if dropped.unsent and settings.ARCHIVE_UPS_KEEP_EVENTS:
        log.warning(
            "%d event reports to %s have been dropped: it was not connected for too long",
            dropped.unsent,
            dropped.ae_title,
        )
