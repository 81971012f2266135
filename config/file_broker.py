"""Celery's broker in a folder, for an archive on one machine without Redis: a message is a file.

A message is waiting, or it has been taken by a worker that keeps its file locked until it acknowledges it. The
system takes the locks of a killed process away: what nobody holds waits again. Files appear whole or not at all. See
`docs/decisions/0010-background-work.md` for what kombu's own filesystem transport lacks.
"""

import fcntl
import logging
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)

WAITING, TAKEN, NEW = "waiting", "taken", "new"
#: Seconds between two looks for messages of workers that have been killed.
RECOVERY_SECONDS = 5
LONGEST_WAIT = 0.3


class QoS(virtual.QoS):
    """What has been delivered; a message that is settled leaves its file behind."""

    def ack(self, delivery_tag: str) -> None:
        super().ack(delivery_tag)
        self.channel.settle(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().reject(delivery_tag, requeue)
        self.channel.settle(delivery_tag)


class Channel(virtual.Channel):
    QoS = QoS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._root = Path(self.connection.client.transport_options["folder"])
        self._held: dict[str, tuple[Path, int]] = {}
        self._listed: dict[str, deque[str]] = {}
        self._recovered: dict[str, float] = {}

    # -- what kombu's virtual transports are made of -----------------------------

    def _new_queue(self, queue: str, **options: Any) -> None:
        for state in (WAITING, TAKEN, NEW):
            self._folder(queue, state).mkdir(parents=True, exist_ok=True, mode=0o750)

    def _put(self, queue: str, message: Any, **options: Any) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
        written = self._folder(queue, NEW) / name
        written.write_text(dumps(message), encoding="utf-8")
        written.rename(self._folder(queue, WAITING) / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in self._names(queue):
            if (payload := self._take(queue, name)) is not None:
                return payload
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._listing(queue, WAITING))

    def _purge(self, queue: str) -> int:
        names = self._listing(queue, WAITING)
        for name in names:
            (self._folder(queue, WAITING) / name).unlink(missing_ok=True)
        return len(names)

    def _restore(self, message: Any) -> None:
        """Let a message that was taken wait again."""
        path, lock = self._held.pop(message.delivery_tag, (None, -1))
        if path is not None:
            _rename(path, path.parent.parent / WAITING / path.name)
            _unlock(lock)

    # -- messages and their files ------------------------------------------------

    def settle(self, delivery_tag: str) -> None:
        """The message has been dealt with. Called from any thread, and for a restored message too."""
        path, lock = self._held.pop(delivery_tag, (None, -1))
        if path is not None:
            path.unlink(missing_ok=True)
            _unlock(lock)
        self.connection.settled.set()

    def _folder(self, queue: str, state: str) -> Path:
        return self._root / queue / state

    def _listing(self, queue: str, state: str) -> list[str]:
        return os.listdir(self._folder(queue, state))  # noqa: PTH208  there may be very many

    def _names(self, queue: str) -> Iterator[str]:
        """The messages that seem to wait, the oldest first; a long queue is not listed again for every one of them."""
        listed = self._listed.setdefault(queue, deque())
        if not listed:
            self._recover(queue)
            listed.extend(sorted(self._listing(queue, WAITING)))
        while listed:
            yield listed.popleft()

    def _take(self, queue: str, name: str) -> Any:
        """The message, or None when somebody else has it, or a power failure has spoilt it."""
        path = self._folder(queue, TAKEN) / name
        lock = _lock(self._folder(queue, WAITING) / name)
        if lock is None:
            return None
        if not _rename(self._folder(queue, WAITING) / name, path):
            _unlock(lock)
            return None
        try:
            payload = loads(path.read_text(encoding="utf-8"))
            self._held[payload["properties"]["delivery_tag"]] = path, lock
        except (ValueError, LookupError, TypeError):
            log.error("message %s cannot be read, and is dropped", name)
            path.unlink()
            _unlock(lock)
            return None
        return payload

    def _recover(self, queue: str) -> None:
        """Let the messages wait again whose worker was killed."""
        if time.monotonic() < self._recovered.get(queue, 0) + RECOVERY_SECONDS:
            return
        self._recovered[queue] = time.monotonic()
        for name in self._listing(queue, TAKEN):
            lock = _lock(self._folder(queue, TAKEN) / name)
            if lock is not None:
                _rename(self._folder(queue, TAKEN) / name, self._folder(queue, WAITING) / name)
                _unlock(lock)


def _lock(path: Path) -> int | None:
    """A descriptor that keeps the file locked until it is closed; None when somebody has it, or it is gone.

    Whoever moves or removes a file has locked it before: a name that is gone by then was settled by its holder.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _unlock(descriptor: int) -> None:
    """Not by closing it alone: processes that were forked meanwhile have it open too."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _rename(path: Path, to: Path) -> bool:
    with suppress(FileNotFoundError):
        path.rename(to)
        return True
    return False


class Transport(virtual.Transport):
    Channel = Channel
    #: Exchanges and bindings; every process declares those that it uses.
    global_state = virtual.BrokerState()
    driver_type = driver_name = "files"

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self.state = self.global_state
        self.settled = threading.Event()

    def drain_events(self, connection: Any, timeout: float | None = None, **options: Any) -> None:
        """Deliver a message, or raise `TimeoutError`.

        A worker that has all it may take goes on as soon as one is settled. It waits for seconds, and notices only then
        that it is to stop: so it never waits for long here.
        """
        deadline = time.monotonic() + min(timeout or LONGEST_WAIT, LONGEST_WAIT)
        while True:
            self.settled.clear()
            with suppress(Empty):
                self.cycle.get(self._deliver)  # type: ignore[union-attr]
                return
            if time.monotonic() >= deadline:
                raise TimeoutError
            self.settled.wait(self.polling_interval)

    def driver_version(self) -> str:
        return "1"
