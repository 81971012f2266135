"""How many event reports wait to be sent, and for how long."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from workflow.models import ApplicationEntity, Event

#: Of so many AEs that wait for the most, the oldest report is looked for.
MOST_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Outbox:
    pending: int
    subscribers: int
    oldest: datetime | None


def outbox() -> Outbox:
    """Reports that are kept for AEs which have not received them; those too old to be kept are counted with them."""
    behind = ApplicationEntity.objects.filter(last_sequence__gt=F("delivered_sequence")).annotate(
        number=F("last_sequence") - F("delivered_sequence")
    )
    first = [
        Event.objects.filter(subscriber=pk, sequence__gt=delivered).order_by("sequence").first()
        for pk, delivered in behind.order_by("-number").values_list("pk", "delivered_sequence")[:MOST_LOOKED_AT]
    ]
    return Outbox(
        pending=behind.aggregate(total=Sum("number"))["total"] or 0,
        subscribers=behind.count(),
        oldest=min((event.created_at for event in first if event), default=None),
    )
