"""Messages of background work that wait, by queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celery import current_app
from kombu.exceptions import KombuError

from archive.derivation_messages import QUEUE as DERIVED
from config.celery_settings import ARCHIVE, WORKLIST, task_queues

#: What is done with the messages of each.
TITLES = {ARCHIVE: "Archive", WORKLIST: "Worklist", DERIVED: "Thumbnails and frames"}
#: Seconds to wait for the broker.
PATIENCE = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """None: the broker could not be asked."""

    title: str
    messages: int | None


def queues() -> Sequence[Waiting]:
    with current_app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
            channel = connection.default_channel
            return [Waiting(TITLES[queue.name], _messages(queue(channel))) for queue in task_queues]
        except (KombuError, OSError, *connection.connection_errors, *connection.channel_errors):
            return [Waiting(title, None) for title in TITLES.values()]


def _messages(queue: Any) -> int:
    return int(queue.queue_declare().message_count)
