"""Wake-ups: word between processes, through the channel layer, that some names have news. The only place that knows it.

One that is lost loses nothing: who is woken looks by itself now and then. Sending them delays and fails nobody.
"""

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any, TypeVar

from channels.layers import InMemoryChannelLayer, get_channel_layer
from redis import RedisError

log = logging.getLogger(__name__)

T = TypeVar("T")

#: A channel layer that takes longer is away.
PATIENCE_SECONDS = 5
#: A command that ends waits so long for its last wake-ups.
LAST_SECONDS = 1
RETRY_SECONDS = 1.0

# -- sending ---------------------------------------------------------------------


class Waker:
    """Sends wake-ups to a group from one event loop: what comes while one is under way goes together in the next.

    Args:
        pause: seconds between two of them at least.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, group: str, pause: float = 0.0) -> None:
        self._loop = loop
        self._group = group
        self._pause = pause
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._sending = False
        #: Nothing waits to be sent.
        self._idle = threading.Event()
        self._idle.set()

    def wake(self, names: Collection[str]) -> None:
        with self._lock:
            self._names.update(names)
            self._idle.clear()
            if self._sending:
                return
            self._sending = True
        sending = self._send()
        try:
            asyncio.run_coroutine_threadsafe(sending, self._loop)
        except RuntimeError:  # the loop has ended, and with it whoever listened in it
            sending.close()

    def finish(self) -> None:
        """Wait until everything has been sent, but not for long."""
        self._idle.wait(LAST_SECONDS)

    async def _send(self) -> None:
        while names := self._take():
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await get_channel_layer().group_send(self._group, {"type": "wake", "names": names})
            except (OSError, RedisError) as error:
                # Whoever listens looks for news now and then.
                log.warning("%s could not be woken: %s", self._group, type(error).__name__)
            self._note_idle()
            await asyncio.sleep(self._pause)

    def _take(self) -> list[str]:
        with self._lock:
            names, self._names = sorted(self._names), set()
            self._sending = bool(names)
            return names

    def _note_idle(self) -> None:
        with self._lock:
            if not self._names:
                self._idle.set()


#: The loop that each process sends from, and its wakers: a process that was forked has no thread of its parent's.
_loops: dict[int, asyncio.AbstractEventLoop] = {}
_wakers: dict[tuple[int, str], Waker] = {}
_making = threading.Lock()


def wake(group: str, names: Collection[str], *, pause: float = 0.0) -> None:
    """These names have news. To be called when that has been committed, from synchronous code.

    Args:
        pause: seconds between two wake-ups of the group at least.
    """
    if waker := _wakers.get((os.getpid(), group)) or _new_waker(group, pause):
        waker.wake(names)


def wake_from(loop: asyncio.AbstractEventLoop) -> None:
    """This process listens in this loop: the layer in memory wakes nobody from anywhere else."""
    with _making:
        if _loops.get(os.getpid()) is not loop:
            forget()
            _loops[os.getpid()] = loop


def forget() -> None:
    """This process begins anew."""
    _loops.pop(os.getpid(), None)
    for key in [key for key in _wakers if key[0] == os.getpid()]:
        del _wakers[key]


def finish() -> None:
    """Wait until all wake-ups of this process have been sent, but not for long."""
    for (process, _), waker in list(_wakers.items()):
        if process == os.getpid():
            waker.finish()


def _new_waker(group: str, pause: float) -> Waker | None:
    with _making:
        if not (loop := _loops.get(os.getpid()) or _loop_of_its_own()):
            return None
        return _wakers.setdefault((os.getpid(), group), Waker(loop, group, pause))


def _loop_of_its_own() -> asyncio.AbstractEventLoop | None:
    """For workers and commands: a thread that keeps its connection to the layer. In memory there is nobody to wake."""
    if not between_processes():
        return None
    loop = _loops[os.getpid()] = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="wake", daemon=True).start()
    atexit.register(finish)
    return loop


def between_processes() -> bool:
    """Whether other processes are woken, and wake this one: with Redis they are."""
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


# -- hearing ---------------------------------------------------------------------


class WakeUps:
    """The wake-ups of a group, heard in the event loop that is running, from this process and from others."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._channel = ""
        # This one for ever: where two threads ask for the first time at once, others get another one.
        self._layer: Any = get_channel_layer()
        wake_from(asyncio.get_running_loop())

    async def heard(self) -> AsyncIterator[list[str]]:
        """The names of each.

        Raises:
            OSError, RedisError: the layer is away; whoever is woken begins again.
        """
        self._channel = self._channel or await self._layer.new_channel()
        await self._layer.group_add(self._group, self._channel)
        while True:
            yield (await self._layer.receive(self._channel))["names"]

    async def stay(self) -> None:
        """To be called now and then: a layer forgets those that have been members for long.

        Raises:
            OSError, RedisError
        """
        if self._channel:
            await self._layer.group_add(self._group, self._channel)


async def for_ever(work: Callable[[], Awaitable[None]], complaint: str) -> None:
    """Begin again what failed, with a complaint in the log: the layer may be away for a while."""
    this = asyncio.current_task()
    while this and not this.cancelling():  # Redis' client makes a failure out of being cancelled
        try:
            await work()
        except (OSError, RedisError) as error:
            log.warning("%s: %s", complaint, type(error).__name__)
        except Exception:
            log.exception(complaint)
        await asyncio.sleep(RETRY_SECONDS)


def one_for_each_loop(make: Callable[[], T]) -> Callable[[], T]:
    """What gives the one of the event loop that is running, made when it is first asked for."""
    made: dict[asyncio.AbstractEventLoop, T] = {}

    def get() -> T:
        loop = asyncio.get_running_loop()
        if loop not in made:
            made.clear()  # those of loops that have ended
            made[loop] = make()
        return made[loop]

    return get
