"""Which workers of background tasks there are: each says so by itself, now and then."""

from datetime import timedelta

from django.utils import timezone

from archive.models import WorkerSeen

#: Seconds between two signs of life of a worker.
EVERY = 15
#: One that has been silent for so long is forgotten: it was killed.
FORGOTTEN_AFTER = timedelta(days=1)


def seen(name: str) -> None:
    """The worker of this name is there."""
    now = timezone.now()
    WorkerSeen.objects.update_or_create(name=name, defaults={"seen_at": now})
    WorkerSeen.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def gone(name: str) -> None:
    """The worker of this name has stopped."""
    WorkerSeen.objects.filter(name=name).delete()
