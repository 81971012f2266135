"""Deliver: what has been sent to an AE is not sent again at its next connection."""

from collections.abc import Mapping
from functools import partial

from django.utils import timezone

from archive import rows
from archive.transactions import write
from workflow.models import ApplicationEntity, Event
from workflow.services.publish import batches


def delivered(positions: Mapping[str, int]) -> None:
    """Each AE has been sent its events up to this sequence. That moves forward only.

    Several processes say so at once: whoever was sent least does not take it back.
    """
    known = ApplicationEntity._default_manager.filter(ae_title__in=positions).values_list("pk", flat=True)
    if keys := sorted(known):
        write(partial(_advance, keys, positions))


def _advance(keys: list[int], positions: Mapping[str, int]) -> None:
    """As the outbox is written: subscribers are locked in the order of their primary keys."""
    now = timezone.now()
    for batch in batches(keys):
        for pk, ae_title, before in rows.select_for_update(
            "SELECT id, ae_title, delivered_sequence FROM workflow_applicationentity WHERE id IN %s ORDER BY id", batch
        ):
            if positions[ae_title] > before:
                sent = Event._default_manager.filter(subscriber=pk, sequence__lte=positions[ae_title])
                sent.filter(sequence__gt=before, delivered_at=None).update(delivered_at=now)
                ApplicationEntity._default_manager.filter(pk=pk).update(delivered_sequence=positions[ae_title])
