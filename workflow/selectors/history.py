"""What has been reported of a workitem: its events in the outbox, each once, whomever it was for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from archive.dicom.dicom_json import DataSet
from workflow.event_reports import EventType
from workflow.models import Event

#: So many rows of the outbox are looked at, the newest.
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event report.

    Args:
        told: the AE titles that it was for.
    """

    type: EventType
    at: datetime
    attributes: DataSet = field(repr=False)
    told: Sequence[str]


def history(workitem: str) -> list[PastEvent]:
    """The newest first. What nobody was subscribed to has left no trace, nor has what is kept no longer."""
    found = Event.objects.filter(sop_instance_uid=workitem).order_by("-id").select_related("subscriber")[:MOST_ROWS]
    told: dict[tuple[int, datetime, bytes], list[str]] = {}
    for event in found:
        key = (event.type, event.created_at, bytes(event.dicom_json))
        told.setdefault(key, []).append(event.subscriber.ae_title)
    return [PastEvent(EventType(kind), at, orjson.loads(said), sorted(to)) for (kind, at, said), to in told.items()]
