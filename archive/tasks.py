"""What the archive does in the background. Each may be run again, and by several at once.

The clock sees to what is left undone: none is tried again by itself.
"""

from collections import deque
from collections.abc import Sequence
from time import monotonic

from celery import current_app, shared_task
from django.conf import settings

from archive import derivation, derivation_messages
from archive.sending import delivery
from archive.services import audit, derivations, derived, send_orders, uploads

#: After so long a task leaves its place to others, whose work is shorter.
SLICE_SECONDS = 20
#: A request with one large object, to a slow destination, is no longer a matter of minutes.
LONGEST_REQUEST = 6 * 3600


@shared_task(autoretry_for=())
def derive(instances: Sequence[int]) -> None:
    """Derive from each instance. What is not begun, because time is up or for any other reason, is put back."""
    waiting = deque(instances)
    deadline = monotonic() + SLICE_SECONDS
    try:
        while waiting and monotonic() < deadline:
            derivation.derive(waiting.popleft())
    finally:
        if waiting:
            with current_app.connection_for_write() as connection:
                derivation_messages.send(waiting, connection)


@shared_task(autoretry_for=())
def send_derivations() -> None:
    """Send what is due, as much as there is room for."""
    if not settings.ARCHIVE_DERIVED_SIZE:
        return
    with current_app.connection_for_write() as connection:
        for _ in range(derivation_messages.room(connection)):
            instances = derivations.take_due(derivation_messages.TOGETHER)
            if not instances:
                return
            derivation_messages.send(instances, connection)


@shared_task(autoretry_for=())
def prune_derived() -> None:
    derived.count()
    derived.make_room()
    derived.remove_orphans()


@shared_task(autoretry_for=())
def prune_receipts() -> None:
    uploads.prune()


@shared_task(autoretry_for=(), soft_time_limit=LONGEST_REQUEST, time_limit=LONGEST_REQUEST + 60)
def send_ordered() -> None:
    """Send of what has been ordered to be sent. What is due then is for another task, behind those that wait."""
    if delivery.work(SLICE_SECONDS):
        with current_app.connection_for_write() as connection:
            send_ordered.apply_async(connection=connection, retry=False)


@shared_task(autoretry_for=())
def prune_send_orders() -> None:
    send_orders.prune()


@shared_task(autoretry_for=())
def prune_audit() -> None:
    audit.prune()
