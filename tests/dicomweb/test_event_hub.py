"""The hub: every channel is sent what comes after its position, in order, each once, however slow it is."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer
from django.db import OperationalError
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import wake_ups
from dicomweb import event_hub
from dicomweb.event_hub import Listener, hub
from tests.dicomweb.outbox import Outbox, outbox_of
from workflow import notifier
from workflow.selectors.events import StoredEvent

A, B = "A", "B"
PATIENCE = 20


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    monkeypatch.setattr(event_hub, "RECORD_SECONDS", 0.01)
    monkeypatch.setattr(event_hub, "RETRY_SECONDS", 0.01)
    return outbox_of(monkeypatch)


class Client:
    """A channel's client; it takes nothing while `may_take` is clear."""

    def __init__(self, ae_title: str, position: int) -> None:
        self.ae_title, self.position = ae_title, position
        self.received: list[int] = []
        self.may_take = asyncio.Event()
        self.may_take.set()

    async def run(self) -> None:
        with hub().listener(self.ae_title, self.position) as listener:

            async def send(event: StoredEvent) -> None:
                await self.may_take.wait()
                self.received.append(event.sequence)
                hub().received(listener, event.sequence)

            await hub().send_all(listener, send)


@contextmanager
def connected(*clients: Client) -> Iterator[None]:
    tasks = [asyncio.create_task(client.run()) for client in clients]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def test_all_clients_of_an_ae_get_its_events_and_no_others(outbox: Outbox) -> None:
    async def work() -> None:
        one, two, other = Client(A, 0), Client(A, 0), Client(B, 0)
        with connected(one, two, other):
            outbox.write(A, 3)
            hub().look([A])
            await until(lambda: one.received == two.received == [1, 2, 3])
            assert other.received == []

    run(work)


def test_a_wake_up_from_another_thread_is_heard(outbox: Outbox) -> None:
    async def work() -> None:
        client = Client(A, 0)
        with connected(client):
            await until(lambda: outbox.reads > 0)
            outbox.write(A)
            await asyncio.to_thread(notifier.wake, [A])
            await until(lambda: client.received == [1])

    run(work)


def test_a_lost_wake_up_is_made_up_for(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_hub, "LOOK_SECONDS", 0.05)

    async def work() -> None:
        client = Client(A, 0)
        with connected(client):
            await until(lambda: outbox.reads > 1)
            outbox.write(A)
            await until(lambda: client.received == [1])

    run(work)


class FailingLayer(InMemoryChannelLayer):  # type: ignore[misc]
    """Is away when it is asked for its first message."""

    receptions = 0

    async def receive(self, channel: str) -> Any:
        self.receptions += 1
        if self.receptions == 1:
            raise OSError
        return await super().receive(channel)


def test_the_hub_hears_again_after_its_layer_was_away_also_where_others_have_another(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers: list[FailingLayer] = []

    def another() -> FailingLayer:
        layers.append(FailingLayer())
        return layers[-1]

    monkeypatch.setattr(wake_ups, "get_channel_layer", another)
    monkeypatch.setattr(wake_ups, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(event_hub, "LOOK_SECONDS", 10 * PATIENCE)

    async def work() -> None:
        client = Client(A, 0)
        with connected(client):
            await until(lambda: outbox.reads > 1 and layers[0].receptions > 1)
            outbox.write(A)
            await layers[0].group_send(notifier.GROUP, {"type": "wake", "names": [A]})
            await until(lambda: client.received == [1])

    run(work)


def test_what_many_wait_for_is_read_in_one_go(outbox: Outbox) -> None:
    async def work() -> None:
        clients = [Client(f"AE{number}", 0) for number in range(50)]
        with connected(*clients):
            await until(lambda: outbox.reads >= len(clients))
            await asyncio.sleep(0.1)
            before = outbox.reads
            for client in clients:
                outbox.write(client.ae_title)
            hub().look([client.ae_title for client in clients])
            await until(lambda: all(client.received == [1] for client in clients))
            assert outbox.reads - before <= 3

    run(work)


def test_a_client_that_takes_nothing_keeps_few_events_in_memory_and_others_going(outbox: Outbox) -> None:
    async def work() -> None:
        slow, quick = Client(A, 0), Client(A, 0)
        with connected(slow, quick):
            await until(lambda: outbox.reads >= 2)
            slow.may_take.clear()
            for _ in range(20):
                outbox.write(A, event_hub.WAITING)
                hub().look([A])
                written = len(outbox.events[A])
                await until(lambda written=written: len(quick.received) == written)
            waiting = [len(listener.waiting) for listener in hub()._listeners[A]]
            assert max(waiting) <= event_hub.WAITING
            slow.may_take.set()
            await until(lambda: len(slow.received) == len(outbox.events[A]))
            assert slow.received == quick.received == list(range(1, len(outbox.events[A]) + 1))

    run(work)


def test_what_clients_have_becomes_durable_and_nothing_else(outbox: Outbox) -> None:
    async def work() -> None:
        client = Client(A, 0)
        with connected(client):
            outbox.write(A, 3)
            hub().look([A])
            await until(lambda: outbox.delivered == {A: 3})
            client.may_take.clear()
            outbox.write(A)
            hub().look([A])
            await asyncio.sleep(0.1)
            assert outbox.delivered == {A: 3}

    run(work)


def test_while_the_database_is_away_events_wait(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter([OperationalError("away")] * 3)

    def away(*arguments: Any) -> Any:
        for failure in failures:
            raise failure
        return outbox.events_after(*arguments)

    monkeypatch.setattr(event_hub, "events_after", away)

    async def work() -> None:
        client = Client(A, 0)
        outbox.write(A, 2)
        with connected(client):
            await until(lambda: client.received == [1, 2])

    run(work)


def test_everybody_hears_that_the_archive_goes_down_before_it_does(outbox: Outbox) -> None:
    async def work() -> None:
        clients = [Client(A, 0), Client(A, 0), Client(B, 0)]
        with connected(*clients):
            outbox.write(A, 2)
            hub().look([A])
            await until(lambda: hub()._listeners.keys() == {A, B})
            await asyncio.gather(hub().go_down(), hub().go_down())
            assert [client.received for client in clients] == [[1, 2, 3], [1, 2, 3], [1]]
        assert outbox.delivered == {A: 3, B: 1}

    run(work)


def test_nobody_holds_the_archive_up_who_does_not_listen(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_hub, "GOODBYE_SECONDS", 0.2)

    async def work() -> None:
        client = Client(A, 0)
        client.may_take.clear()
        with connected(client):
            await until(lambda: A in hub()._listeners)
            async with asyncio.timeout(PATIENCE):
                await hub().go_down()

    run(work)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from((A, B)), st.integers(1, 120)),
        st.tuples(st.just("wake"), st.sampled_from((A, B))),
        st.tuples(st.just("connect"), st.sampled_from((A, B)), st.integers(0, 3)),
        st.tuples(st.just("stall"), st.integers(0, 5)),
        st.tuples(st.just("go on"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.floats(0, 0.003)),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(ACTIONS)
def test_nothing_is_lost_doubled_or_out_of_order_whatever_happens(actions: list[tuple[Any, ...]]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        outbox = outbox_of(monkeypatch)
        asyncio.run(_act(actions, outbox))


async def _act(actions: list[tuple[Any, ...]], outbox: Outbox) -> None:
    clients: list[Client] = []
    tasks: list[asyncio.Task[None]] = []

    async def take(name: str, *arguments: Any) -> None:
        if name == "write":
            outbox.write(*arguments)
        elif name == "wake":
            hub().look(arguments)
        elif name == "connect":
            ae_title, back = arguments
            clients.append(Client(ae_title, max(0, len(outbox.events.get(ae_title, [])) - back)))
            tasks.append(asyncio.create_task(clients[-1].run()))
        elif name in {"stall", "go on"} and arguments[0] < len(clients):
            flag = clients[arguments[0]].may_take
            flag.clear() if name == "stall" else flag.set()
        await asyncio.sleep(arguments[0] if name == "wait" else 0)

    for action in actions:
        await take(*action)
    for client in clients:
        client.may_take.set()
    hub().look([A, B])
    expected = [list(range(client.position + 1, len(outbox.events.get(client.ae_title, [])) + 1)) for client in clients]
    with suppress(TimeoutError):
        await until(lambda: [client.received for client in clients] == expected)
    assert [client.received for client in clients] == expected
    for task in tasks:
        task.cancel()


def stored_events(*sequences: int) -> list[StoredEvent]:
    return [StoredEvent(sequence, 1, "1.2.3", b"{}", datetime.now(UTC)) for sequence in sequences]


@pytest.mark.parametrize(
    ("behind", "after", "offered", "taken"),
    [
        pytest.param(False, 8, (9, 10), [9, 10], id="what follows"),
        pytest.param(False, 6, (7, 8, 9), [9], id="not what it has"),
        pytest.param(False, 9, (10,), [], id="nothing after a gap: it is read again from where the channel is"),
        pytest.param(True, 8, (9,), [], id="nothing while it catches up by itself"),
    ],
)
def test_a_channel_takes_what_follows_its_position(
    behind: bool, after: int, offered: tuple[int, ...], taken: list[int]
) -> None:
    listener = Listener(A, 8)
    listener.behind = behind

    listener.offer(stored_events(*offered), after=after)

    assert [event.sequence for event in listener.waiting] == taken
    assert listener.position == max([8, *taken])
