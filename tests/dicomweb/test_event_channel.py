"""The channel as the server sees it: what it is told, and why it is closed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import LazySettings
from django.db import OperationalError

from archive.server_extensions import RECEIPTS, SHUTDOWN
from dicomweb import event_channel, event_hub
from dicomweb.event_admission import Admission
from dicomweb.event_frames import CREATOR
from tests.dicomweb.outbox import Outbox, outbox_of

AE = "WATCHER"
PATIENCE = 20


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    monkeypatch.setattr(event_hub, "RECORD_SECONDS", 0.01)
    outbox = outbox_of(monkeypatch)
    monkeypatch.setattr(event_channel, "last_sequences", outbox.last_sequences)
    return outbox


@pytest.fixture
def admits(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Whoever asks is let in, until the check fails."""

    def let_in(*, numbered: bool = False, check: Callable[[], Any] = bool) -> None:
        admission = Admission(AE, 0, numbered, check)
        monkeypatch.setattr(event_channel, "_admitted", lambda request, subprotocols: admission)

    let_in()
    return let_in


def scope(*extensions: str, subprotocols: tuple[str, ...] = (), path: str = f"/dicom-web/subscribers/{AE}") -> Any:
    return {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "subprotocols": list(subprotocols),
        "extensions": {name: {} for name in extensions},
    }


@asynccontextmanager
async def opened(*extensions: str, subprotocols: tuple[str, ...] = ()) -> AsyncIterator[ApplicationCommunicator]:
    """A channel after the handshake, which is left by the client."""
    channel = ApplicationCommunicator(event_channel.event_channel, scope(*extensions, subprotocols=subprotocols))
    await channel.send_input({"type": "websocket.connect"})
    assert (await channel.receive_output(PATIENCE))["type"] == "websocket.accept"
    yield channel
    await channel.send_input({"type": "websocket.disconnect", "code": 1000})
    await channel.wait(PATIENCE)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ((), None),
        (("dicom",), "dicom"),
        (("other",), None),
        (("token.0123", "dicom"), "dicom"),
        (("token.0123",), None),
    ],
)
@pytest.mark.usefixtures("outbox", "admits")
def test_a_subprotocol_is_answered_if_it_was_offered_and_never_a_token(
    offered: tuple[str, ...], answered: str | None
) -> None:
    async def work() -> None:
        channel = ApplicationCommunicator(event_channel.event_channel, scope(subprotocols=offered))
        await channel.send_input({"type": "websocket.connect"})
        assert await channel.receive_output(PATIENCE) == {"type": "websocket.accept", "subprotocol": answered}
        await channel.send_input({"type": "websocket.disconnect", "code": 1000})
        await channel.wait(PATIENCE)

    run(work)


@pytest.mark.parametrize("numbered", [True, False])
def test_only_who_resumes_is_told_numbers(outbox: Outbox, admits: Callable[..., None], numbered: bool) -> None:
    admits(numbered=numbered)
    outbox.write(AE, attributes=b'{"00741000":{"vr":"CS","Value":["SCHEDULED"]}}')

    async def work() -> None:
        async with opened() as channel:
            sent = orjson.loads((await channel.receive_output(PATIENCE))["text"])
        assert list(sent) == sorted(sent)
        assert ("00751001" in sent) == ("00750010" in sent) == numbered
        if numbered:
            assert (sent["00750010"]["Value"], sent["00751001"]["Value"]) == ([CREATOR], [1])

    run(work)


@pytest.mark.usefixtures("admits")
def test_a_server_with_receipts_says_what_has_been_delivered(outbox: Outbox) -> None:
    outbox.write(AE, 2)

    async def work() -> None:
        async with opened(RECEIPTS) as channel:
            first, _second = [await channel.receive_output(PATIENCE) for _ in range(2)]
            await asyncio.sleep(0.1)
            assert outbox.delivered == {}
            first[RECEIPTS]()
            async with asyncio.timeout(PATIENCE):
                while outbox.delivered != {AE: 1}:
                    await asyncio.sleep(0.01)

    run(work)


@pytest.mark.usefixtures("admits")
def test_where_the_server_goes_down_that_is_told_before_the_channel_is_closed(outbox: Outbox) -> None:
    async def work() -> None:
        async with opened() as channel:
            await channel.send_input({"type": SHUTDOWN})
            goodbye = orjson.loads((await channel.receive_output(PATIENCE))["text"])
            assert goodbye["00001002"]["Value"] == [4]
            assert await channel.receive_output(PATIENCE) == {"type": "websocket.close", "code": 1001}
        assert outbox.delivered == {AE: 1}

    run(work)


def test_who_may_not_listen_any_more_is_closed_but_not_while_nobody_can_say(
    outbox: Outbox, admits: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_channel, "CHECK_SECONDS", 0.01)
    answers = iter([OperationalError("away"), None, OperationalError("away"), event_channel.NotAuthenticated()])
    asked = []

    def check() -> None:
        asked.append(next(answers))
        if asked[-1]:
            raise asked[-1]

    admits(check=check)

    async def work() -> None:
        async with opened() as channel:
            assert await channel.receive_output(PATIENCE) == {"type": "websocket.close", "code": 1008}

    run(work)
    assert len(asked) == 4
    assert outbox.delivered == {}


@pytest.mark.usefixtures("admits")
def test_channels_of_an_ae_that_begins_again_are_closed_so_that_they_do_too(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_channel, "CHECK_SECONDS", 0.01)
    outbox.write(AE, 2)

    async def work() -> None:
        async with opened() as channel:
            for _ in range(2):
                assert (await channel.receive_output(PATIENCE))["type"] == "websocket.send"
            assert await channel.receive_nothing(0.1)
            outbox.events.clear()  # the AE has been deleted
            assert await channel.receive_output(PATIENCE) == {"type": "websocket.close", "code": 1013}

    run(work)


@pytest.mark.usefixtures("admits")
def test_a_client_that_takes_nothing_is_closed(outbox: Outbox, settings: LazySettings) -> None:
    settings.ARCHIVE_STALL_SECONDS = 0.05
    outbox.write(AE)
    sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "websocket.send":
            await asyncio.Event().wait()

    async def work() -> None:
        incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        incoming.put_nowait({"type": "websocket.connect"})
        async with asyncio.timeout(PATIENCE):
            await event_channel.event_channel(scope(), incoming.get, send)

    run(work)
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert sent[-1]["code"] == 1013
    assert outbox.delivered == {}


@pytest.mark.usefixtures("admits")
def test_a_client_may_leave_while_its_events_are_read(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, may_read = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Any:
        reading.set()
        may_read.wait(PATIENCE)
        return outbox.events_after(*arguments)

    monkeypatch.setattr(event_hub, "events_after", slow)

    async def work() -> None:
        try:
            async with asyncio.timeout(PATIENCE / 2), opened():
                await asyncio.to_thread(reading.wait)
            assert event_hub.hub()._listeners == {}
        finally:
            may_read.set()

    run(work)


@pytest.mark.usefixtures("admits")
def test_a_client_that_has_gone_is_told_nothing_more(outbox: Outbox) -> None:
    outbox.write(AE)
    sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])
        if message["type"] == "websocket.send":
            raise ConnectionResetError

    async def work() -> None:
        incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        incoming.put_nowait({"type": "websocket.connect"})
        async with asyncio.timeout(PATIENCE):
            await event_channel.event_channel(scope(), incoming.get, send)

    run(work)
    assert sent == ["websocket.accept", "websocket.send"]


@pytest.mark.parametrize(
    ("extensions", "types"),
    [
        (("websocket.http.response",), ["websocket.http.response.start", "websocket.http.response.body"]),
        ((), ["websocket.close"]),
    ],
)
@pytest.mark.parametrize(
    "path", ["/", "/dicom-web/studies", "/dicom-web/subscribers", "/dicom-web/subscribers/AE/events"]
)
def test_a_path_without_a_channel_is_not_found(extensions: tuple[str, ...], types: list[str], path: str) -> None:
    async def work() -> None:
        channel = ApplicationCommunicator(event_channel.event_channel, scope(*extensions, path=path))
        await channel.send_input({"type": "websocket.connect"})
        sent = [await channel.receive_output(PATIENCE) for _ in types]
        await channel.wait(PATIENCE)
        assert [message["type"] for message in sent] == types
        assert sent[0].get("status", 404) == 404

    run(work)


def test_our_own_mistake_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(event_channel, "admit", mistaken)

    async def work() -> None:
        channel = ApplicationCommunicator(event_channel.event_channel, scope())
        await channel.send_input({"type": "websocket.connect"})
        with pytest.raises(ZeroDivisionError):
            await channel.wait(PATIENCE)

    run(work)
