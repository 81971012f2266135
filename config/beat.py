"""The clock of background work: what `manage.py beat` goes by."""

from typing import Any, ClassVar

from celery.beat import PersistentScheduler, ScheduleEntry
from kombu.entity import Queue


class Scheduler(PersistentScheduler):
    """Celery beat, but nothing piles up while no worker runs: what is due is left out when so much waits already."""

    MOST_WAITING: ClassVar = 10

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **options: Any) -> Any:
        queue = self.app.amqp.router.route(entry.options, entry.task)["queue"]
        if _waiting(queue, producer.channel) >= self.MOST_WAITING:
            return None
        return super().apply_async(entry, producer=producer, advance=advance, **options)


def _waiting(queue: Queue, channel: Any) -> int:
    number: int = queue(channel).queue_declare().message_count
    return number
