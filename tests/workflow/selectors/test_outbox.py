"""What waits to be sent to AEs, and for how long."""

from datetime import timedelta

import pytest
from django.utils import timezone

from workflow.event_reports import EventType
from workflow.models import ApplicationEntity, Event
from workflow.selectors.outbox import outbox

pytestmark = pytest.mark.django_db


def subscriber(title: str, *, events: int, delivered: int) -> None:
    """Somebody who has got the first events; each later one is a day younger than the one before."""
    entity = ApplicationEntity.objects.create(ae_title=title, last_sequence=events, delivered_sequence=delivered)
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            subscriber=entity,
            sequence=sequence,
            type=EventType.STATE_REPORT,
            sop_instance_uid="1.2.3",
            dicom_json=b"{}",
            created_at=now - timedelta(days=events - sequence),
        )
        for sequence in range(1, events + 1)
    )


def test_what_is_not_delivered_waits_and_the_oldest_is_named():
    subscriber("BEHIND", events=5, delivered=2)
    subscriber("LATELY", events=9, delivered=8)
    subscriber("READY", events=30, delivered=30)

    found = outbox()

    assert (found.pending, found.subscribers) == (4, 2)
    assert (timezone.now() - found.oldest).days == 2


def test_nothing_waits_where_all_is_delivered():
    subscriber("READY", events=3, delivered=3)

    assert outbox().oldest is None
    assert outbox().pending == 0


def test_reports_that_are_not_kept_any_more_have_no_age():
    subscriber("BEHIND", events=5, delivered=2)
    Event.objects.all().delete()

    assert (outbox().pending, outbox().oldest) == (3, None)
