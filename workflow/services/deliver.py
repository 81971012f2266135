"""Deliver: what has been sent to an AE is not sent again at its next connection."""

from collections.abc import Mapping
from functools import partial

from django.utils import timezone

from archive import rows
from archive.transactions import write
from workflow.models import ApplicationEntity, Event
from workflow.services.publish import batches


def delivered(positions: Mapping[str, int]) -> None:
    """Each AE has been sent its events up to this sequence.

    That moves forward only: several processes say so at once, and whoever has sent less takes nothing back.
    """
    known = ApplicationEntity.objects.filter(ae_title__in=positions).order_by("pk").values_list("pk", flat=True)
    for batch in batches(list(known)):
        write(partial(_advance, batch, positions))


def _advance(subscribers: tuple[int, ...], positions: Mapping[str, int]) -> None:
    """Subscribers are locked in the order of their primary keys, as the outbox does when it is written."""
    now = timezone.now()
    for pk, ae_title, before in rows.select_for_update(
        "SELECT id, ae_title, delivered_sequence FROM workflow_applicationentity WHERE id IN %s ORDER BY id",
        subscribers,
        no_key=True,
    ):
        if positions[ae_title] > before:
            sent = Event.objects.filter(subscriber=pk, sequence__gt=before, sequence__lte=positions[ae_title])
            sent.filter(delivered_at=None).update(delivered_at=now)
            ApplicationEntity.objects.filter(pk=pk).update(delivered_sequence=positions[ae_title])
