"""Wake whoever sends events to subscribers, in this process and in others. A wake-up that is lost loses no event."""

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Collection

from channels.layers import InMemoryChannelLayer, get_channel_layer
from redis import RedisError

log = logging.getLogger(__name__)

#: The group that every process with open event channels listens to.
GROUP = "worklist-events"
#: A channel layer that takes longer is away.
PATIENCE_SECONDS = 5
#: A command that ends waits so long for its last wake-up.
LAST_SECONDS = 1


class Waker:
    """Sends wake-ups from one event loop: what comes while one is under way goes together in the next."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._subscribers: set[str] = set()
        self._sending = False
        self._idle = threading.Event()

    def wake(self, subscribers: Collection[str]) -> None:
        with self._lock:
            self._subscribers.update(subscribers)
            if self._sending:
                return
            self._sending = True
            self._idle.clear()
        sending = self._send()
        try:
            asyncio.run_coroutine_threadsafe(sending, self._loop)
        except RuntimeError:  # the loop has ended, and with it the channels that were open in it
            sending.close()

    def finish(self) -> None:
        """Wait until everything has been sent, but not for long."""
        if self._sending:
            self._idle.wait(LAST_SECONDS)

    async def _send(self) -> None:
        while subscribers := self._take():
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await get_channel_layer().group_send(GROUP, {"type": "wake", "subscribers": subscribers})
            except (OSError, RedisError) as error:
                # Whoever has an event channel open looks for new events now and then.
                log.warning("subscribers could not be woken: %s", type(error).__name__)

    def _take(self) -> list[str]:
        with self._lock:
            subscribers, self._subscribers = sorted(self._subscribers), set()
            self._sending = bool(subscribers)
            if not subscribers:
                self._idle.set()
            return subscribers


#: The waker of each process: a process that was forked has no thread of its parent's.
_wakers: dict[int, Waker] = {}
_making = threading.Lock()


def wake(subscribers: Collection[str]) -> None:
    """There are new events for these AE titles. To be called when they have been committed, from synchronous code."""
    if waker := _wakers.get(os.getpid()) or _waker_of_its_own():
        waker.wake(subscribers)


def wake_from(loop: asyncio.AbstractEventLoop) -> None:
    """This process has event channels open, in this loop: the layer in memory wakes nobody from anywhere else."""
    _wakers[os.getpid()] = Waker(loop)


def _waker_of_its_own() -> Waker | None:
    """For workers and commands: a thread that keeps its connection to the layer. In memory there is nobody to wake."""
    if isinstance(get_channel_layer(), InMemoryChannelLayer):
        return None
    with _making:
        if os.getpid() not in _wakers:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="wake", daemon=True).start()
            waker = _wakers[os.getpid()] = Waker(loop)
            atexit.register(waker.finish)
        return _wakers[os.getpid()]
