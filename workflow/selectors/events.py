"""The outbox, read: which events an AE has not been sent yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db.models.query import RawQuerySet
from django.utils import timezone

from workflow.models import ApplicationEntity, Event

#: One statement asks for so many AEs.
BATCH = 400

#: Each AE's events after its position, by the index that keeps them in order.
_AFTER = """
WITH wanted (ae_title, position) AS (VALUES {wanted})
SELECT event.*, subscriber.ae_title AS ae_title
FROM wanted
JOIN workflow_applicationentity subscriber ON subscriber.ae_title = wanted.ae_title
JOIN workflow_event event ON event.subscriber_id = subscriber.id AND event.sequence > wanted.position
ORDER BY event.subscriber_id, event.sequence
LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A report as it was written for one AE.

    Args:
        sequence: counts the events of the AE.
        workitem: the SOP Instance UID that it is about.
        dicom_json: the attributes of the report, without those of the message itself.
    """

    sequence: int
    type: int
    workitem: str
    dicom_json: bytes = field(repr=False)
    created_at: datetime


def position_for(ae_title: str, after: int | None) -> int:
    """The sequence that a new channel of this AE begins after.

    Where undelivered events are kept, it begins with the first that no client of the AE has received, but with no more
    and nothing older than is kept; else with what comes next. Who asks for all after a sequence gets that; what comes
    next, where the archive has not come so far, as after a loss of data.
    """
    found = ApplicationEntity.objects.filter(ae_title=ae_title).values_list("last_sequence", "delivered_sequence")
    last, delivered = found.first() or (0, 0)
    if after is not None:
        return min(after, last)
    if not settings.ARCHIVE_UPS_KEEP_EVENTS:
        return last
    return _before_what_is_kept(ae_title, max(delivered, last - settings.ARCHIVE_UPS_EVENTS_KEPT), last)


def _before_what_is_kept(ae_title: str, position: int, last: int) -> int:
    oldest = timezone.now() - timedelta(days=settings.ARCHIVE_UPS_EVENT_DAYS)
    later = Event.objects.filter(subscriber__ae_title=ae_title, sequence__gt=position, created_at__gte=oldest)
    first = later.order_by("sequence").values_list("sequence", flat=True).first()
    return last if first is None else first - 1


def last_sequences(ae_titles: Sequence[str]) -> dict[str, int]:
    """The sequence of the newest event of each AE that there is."""
    found = ApplicationEntity.objects.filter(ae_title__in=ae_titles)
    return dict(found.values_list("ae_title", "last_sequence"))


def events_after(positions: Mapping[str, int], limit: int) -> dict[str, list[StoredEvent]]:
    """The next events of each AE in order, at most so many of all together; AEs without any are left out."""
    found: dict[str, list[StoredEvent]] = {}
    left = limit
    for batch in _batches(positions):
        for ae_title, rows in groupby(_select(batch, left), key=itemgetter(0)):
            found[ae_title] = [event for _, event in rows]
            left -= len(found[ae_title])
        if left <= 0:
            break
    return found


def _batches(positions: Mapping[str, int]) -> Iterator[dict[str, int]]:
    remaining = iter(positions.items())
    while batch := dict(islice(remaining, BATCH)):
        yield batch


def _select(positions: Mapping[str, int], limit: int) -> Iterator[tuple[str, StoredEvent]]:
    sql = _AFTER.format(wanted=", ".join(["(%s, %s)"] * len(positions)))
    parameters = [value for pair in positions.items() for value in pair]
    found: RawQuerySet[Any] = Event.objects.raw(sql, [*parameters, limit])
    for row in found:
        attributes = bytes(row.dicom_json)
        yield row.ae_title, StoredEvent(row.sequence, row.type, row.sop_instance_uid, attributes, row.created_at)
