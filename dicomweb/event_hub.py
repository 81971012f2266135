"""The hub: takes new events out of the outbox and hands them to the event channels that are open in this process.

The database is the truth. A wake-up only says which AEs have news; one that is lost is made up for by a look now and
then. What a channel cannot take at once it reads again when it can, so a slow client costs no memory.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Never, ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError

from archive.database_threads import DatabaseThreads
from archive.wake_ups import WakeUps, between_processes, for_ever, one_for_each_loop
from workflow import notifier
from workflow.event_reports import GOING_DOWN
from workflow.selectors.events import StoredEvent, events_after, last_sequences
from workflow.services.deliver import delivered
from workflow.services.scp_status import announce

log = logging.getLogger(__name__)

#: So many events wait for a client; of more, it reads again.
WAITING = 50
#: So many are read at once: for all channels that wait for news, and for one that is behind.
AT_ONCE, CATCHING_UP = 500, 50
#: A look without a wake-up: other processes can wake this one through Redis only.
LOOK_SECONDS, LOOK_SECONDS_WITH_REDIS = 1.0, 5.0
#: So long it may take to become durable that events have been received; after a crash meanwhile they are sent again.
RECORD_SECONDS = 0.1
RETRY_SECONDS = 1.0
#: Channels stay open so long at most to be told that the archive goes down.
GOODBYE_SECONDS = 2.0

P = ParamSpec("P")
T = TypeVar("T")
#: How a channel sends an event.
SendEvent = Callable[[StoredEvent], Awaitable[None]]

_threads = DatabaseThreads(2, "events")


class Listener:
    """An open channel, as the hub sees it.

    Args:
        position: the sequence that it begins after.
    """

    def __init__(self, ae_title: str, position: int) -> None:
        self.ae_title = ae_title
        #: The last event that the client has, and the last that is sent or waits to be.
        self.received = self.position = position
        #: There are events after its position that do not wait here; at first there may be.
        self.behind = True
        self.waiting: deque[StoredEvent] = deque()
        self.news = asyncio.Event()

    def offer(self, events: Iterable[StoredEvent], *, after: int) -> None:
        """Take those that are new, of events that follow each other after a position."""
        if self.behind or self.position < after:
            return
        for event in events:
            if event.sequence <= self.position:
                continue
            if len(self.waiting) == WAITING:
                self.behind = True
                break
            self.waiting.append(event)
            self.position = event.sequence
        self.news.set()


class Hub:
    """One in each process that has channels open, and in its event loop."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        #: AEs that have news.
        self._news: set[str] = set()
        self._look = asyncio.Event()
        #: What has been received, and is not durable yet.
        self._received: dict[str, int] = {}
        self._receipt = asyncio.Event()
        self._goodbye: asyncio.Task[None] | None = None
        self._wake_ups = WakeUps(notifier.GROUP)
        self._look_seconds = LOOK_SECONDS_WITH_REDIS if between_processes() else LOOK_SECONDS
        work = (self._listen, self._look_now_and_then, self._hand_out, self._record)
        self._tasks = [asyncio.create_task(for_ever(function, "event reports may be delayed")) for function in work]

    # -- for channels ------------------------------------------------------------

    @contextmanager
    def listener(self, ae_title: str, position: int) -> Iterator[Listener]:
        """A place for a channel; from now on it misses nothing."""
        listener = Listener(ae_title, position)
        self._listeners.setdefault(ae_title, set()).add(listener)
        try:
            yield listener
        finally:
            self._listeners[ae_title].discard(listener)
            if not self._listeners[ae_title]:
                del self._listeners[ae_title]

    async def send_all(self, listener: Listener, send: SendEvent) -> Never:
        """Send events as they come, each once and in order; ends when sending fails."""
        while True:
            while listener.waiting:
                await send(listener.waiting.popleft())
            if listener.behind:
                await self._catch_up(listener, send)
            else:
                await listener.news.wait()
                listener.news.clear()

    async def _catch_up(self, listener: Listener, send: SendEvent) -> None:
        """Read on its own until there is nothing new, then wait for news with the others."""
        found = await _patiently(events_after, {listener.ae_title: listener.position}, CATCHING_UP)
        for event in found.get(listener.ae_title, ()):
            listener.position = event.sequence
            await send(event)
        if not found:
            listener.behind = False
            self.look([listener.ae_title])  # for what was written after it was read, before it waited

    def received(self, listener: Listener, sequence: int) -> None:
        """A client has its events up to this one."""
        listener.received = sequence
        self._received[listener.ae_title] = max(sequence, self._received.get(listener.ae_title, 0))
        self._receipt.set()

    async def go_down(self) -> None:
        """Tell everybody who is connected here that the archive goes down, and wait until they have it."""
        if self._goodbye is None:
            self._goodbye = asyncio.create_task(self._say_goodbye())
        await asyncio.shield(self._goodbye)

    # -- its work ----------------------------------------------------------------

    def look(self, ae_titles: Iterable[str]) -> None:
        """These have news, as far as they are connected here."""
        self._news |= self._listeners.keys() & set(ae_titles)
        if self._news:
            self._look.set()

    async def _listen(self) -> None:
        """Wake-ups, from this process and from others."""
        async for ae_titles in self._wake_ups.heard():
            self.look(ae_titles)

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            self.look(self._listeners)
            await self._wake_ups.stay()

    async def _hand_out(self) -> None:
        """Of all AEs that have news in one go, from where the channels that wait for news are."""
        while True:
            await self._look.wait()
            self._look.clear()
            news, self._news = self._news, set()
            positions = self._positions(news)
            if not positions:
                continue
            found = await _patiently(events_after, positions, AT_ONCE)
            for ae_title, events in found.items():
                for listener in self._listeners.get(ae_title, ()):
                    listener.offer(events, after=positions[ae_title])
            if sum(map(len, found.values())) == AT_ONCE:
                self.look(news)

    def _positions(self, ae_titles: Iterable[str]) -> dict[str, int]:
        waiting = {
            ae_title: [listener.position for listener in self._listeners.get(ae_title, ()) if not listener.behind]
            for ae_title in ae_titles
        }
        return {ae_title: min(positions) for ae_title, positions in waiting.items() if positions}

    async def _record(self) -> None:
        """Make durable what has been received; of much in a short time, once."""
        while True:
            await self._receipt.wait()
            self._receipt.clear()
            await asyncio.sleep(RECORD_SECONDS)
            await self._make_durable()

    async def _make_durable(self) -> None:
        received, self._received = self._received, {}
        await _patiently(delivered, received)

    async def _say_goodbye(self) -> None:
        with suppress(TimeoutError, DatabaseError, InterfaceError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await _threads.run(announce, GOING_DOWN, list(self._listeners))
                last = await _threads.run(last_sequences, list(self._listeners))
                while not self._has_received(last):
                    self.look(last)
                    await asyncio.sleep(0.02)
                await self._make_durable()

    def _has_received(self, last: Mapping[str, int]) -> bool:
        open_channels = (listener for listeners in self._listeners.values() for listener in listeners)
        return all(listener.received >= last.get(listener.ae_title, 0) for listener in open_channels)


#: The hub of the running event loop.
hub = one_for_each_loop(Hub)


async def _patiently(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask the database; while it is away, ask again."""
    while True:
        try:
            return await _threads.run(function, *args, **kwargs)
        except (DatabaseError, InterfaceError) as error:
            log.warning("event reports are delayed: %s", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
