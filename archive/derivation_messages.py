"""Messages to workers: from which instances something is to be derived.

The rows of `Derivation` are the truth. A message that is lost, or not sent because the broker is away or has enough of
them, is one that the clock sends later.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence

from celery import current_app
from django.conf import settings
from kombu.connection import Connection
from kombu.exceptions import KombuError

log = logging.getLogger(__name__)

TASK, QUEUE = "archive.tasks.derive", "derived"
#: Instances of one message.
TOGETHER = 20
#: So many messages wait at most: nothing piles up while no worker runs.
MOST_WAITING = 300
#: Stores of one instance each follow each other: for so long they are collected.
COLLECTING_SECONDS = 0.2
#: How old the number of messages that wait may be.
LOOK_SECONDS = 1
#: After the broker was away.
PAUSE_SECONDS = 10
#: So many instances wait to be sent; of more the clock thinks.
MOST_OFFERED = 10_000


def offer(instances: Sequence[int]) -> None:
    """Send these instances to workers, soon, from another thread."""
    if instances and settings.ARCHIVE_DERIVED_SIZE:
        _sender.offer(instances)


def room(connection: Connection) -> int:
    """How many messages more may wait."""
    queue = current_app.amqp.queues[QUEUE]
    return max(0, MOST_WAITING - int(queue(connection.default_channel).queue_declare().message_count))


def send(instances: Iterable[int], connection: Connection) -> None:
    """Send the instances in one message."""
    current_app.send_task(TASK, (list(instances),), queue=QUEUE, connection=connection, retry=False)


class _Sender:
    """A thread that sends what is offered, started when something is."""

    def __init__(self) -> None:
        self._offered: deque[int] = deque(maxlen=MOST_OFFERED)
        self._something = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._room = 0
        self._look_again_at = 0.0
        self._away = False

    def offer(self, instances: Sequence[int]) -> None:
        self._offered.extend(instances)
        self._something.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():  # a forked process has none
                self._thread = threading.Thread(target=self._run, name="derivation-messages", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._something.wait()
            self._something.clear()
            time.sleep(COLLECTING_SECONDS)
            connection = current_app.connection_for_write()
            try:
                with connection:
                    connection.ensure_connection(max_retries=1, interval_start=0)
                    self._send_offered(connection)
                self._away = False
            except (KombuError, OSError, *connection.connection_errors, *connection.channel_errors) as error:
                self._pause(error)

    def _send_offered(self, connection: Connection) -> None:
        while self._offered:
            batch = [self._offered.popleft() for _ in range(min(TOGETHER, len(self._offered)))]
            if self._has_room(connection):
                send(batch, connection)
                self._room -= 1

    def _has_room(self, connection: Connection) -> bool:
        if time.monotonic() >= self._look_again_at:
            self._room, self._look_again_at = room(connection), time.monotonic() + LOOK_SECONDS
        return self._room > 0

    def _pause(self, error: Exception) -> None:
        if not self._away:
            log.warning("what is stored is derived from later: the broker cannot be reached (%s)", type(error).__name__)
        self._away = True
        time.sleep(PAUSE_SECONDS)
        self._offered.clear()


_sender = _Sender()
