"""The socket of an open page: who may have it, what it is sent, and why it is closed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import OperationalError
from django.test import Client, RequestFactory

from archive.live import channel as channel_module
from archive.live.channel import LiveChannel
from archive.live.hub import hub
from archive.server_extensions import RECEIPTS, SHUTDOWN
from tests.people import signed_in

PATIENCE = 20
OURS, STRANGER = "http://testserver", "https://elsewhere.example"

TOPICS = {"studies": "archive.view_instance", "workitems": "workflow.view_workitem"}
live = LiveChannel(TOPICS)


# -- who may ---------------------------------------------------------------------


def outcome(client: Client, query: str = "topic=studies", origin: str | None = OURS) -> Any:
    """The topics that a page of somebody is let hear of, or the status of a refusal."""
    headers = {"Origin": origin} if origin is not None else {}
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    answer = live._admitted(RequestFactory().get(f"/live?{query}", headers=headers | {"Cookie": cookies}))
    return getattr(answer, "status_code", answer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("group", "studies", "workitems", "both"),
    [
        ("viewers", ["studies"], ["workitems"], ["studies", "workitems"]),
        ("uploaders", ["studies"], 403, 403),
        ("schedulers", 403, ["workitems"], 403),
    ],
)
def test_a_page_hears_of_what_its_reader_may_see(group, studies, workitems, both):
    client = signed_in("reader", group)

    assert outcome(client, "topic=studies") == studies
    assert outcome(client, "topic=workitems") == workitems
    assert outcome(client, "topic=studies&topic=workitems") == both


@pytest.mark.django_db
@pytest.mark.parametrize("origin", [None, STRANGER, "null", "", "https://testserver", "http://testserver:81"])
def test_only_pages_of_ours_may_have_a_socket(origin):
    assert outcome(signed_in("reader", "viewers"), origin=origin) == 403


@pytest.mark.django_db
def test_the_public_url_is_ours(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://images.example.org"]

    assert outcome(signed_in("reader", "viewers"), origin="https://images.example.org") == ["studies"]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "topic=", "topic=patients", "topic=studies&topic=patients", "topic=%00"])
def test_there_is_no_other_topic(query):
    assert outcome(signed_in("reader", "viewers"), query) == 400


@pytest.mark.django_db
def test_whoever_has_not_signed_in_or_not_any_more_is_refused():
    client = signed_in("reader", "viewers")
    cookies = client.cookies.copy()
    client.logout()
    client.cookies = cookies

    assert outcome(client) == outcome(Client()) == 403


@pytest.mark.django_db
def test_a_request_for_another_host_is_refused(settings):
    settings.ALLOWED_HOSTS = ["images.example.org"]

    assert outcome(Client()) == 400


def test_while_nobody_can_say_it_is_refused_for_now(monkeypatch):
    def away(request: object) -> None:
        raise OperationalError

    monkeypatch.setattr(channel_module, "person", away)

    assert outcome(Client()) == 503


# -- while it is open ------------------------------------------------------------


def scope(*extensions: str) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": "/live",
        "query_string": b"topic=studies",
        "headers": [(b"host", b"localhost")],
        "extensions": {name: {} for name in extensions},
    }


@pytest.fixture
def may(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Everybody is let in. What is put here are the answers of later checks, the last one first."""
    answers: list[Any] = []

    def may_hear(self: LiveChannel, request: object, wanted: object) -> bool:
        answer = answers.pop() if answers else True
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    monkeypatch.setattr(LiveChannel, "_admitted", lambda self, request: ["studies"])
    monkeypatch.setattr(LiveChannel, "_may_hear", may_hear)
    return answers


@asynccontextmanager
async def opened(*extensions: str) -> AsyncIterator[ApplicationCommunicator]:
    """A socket after the handshake, which is left by the page."""
    socket = ApplicationCommunicator(live, scope(*extensions))
    await socket.send_input({"type": "websocket.connect"})
    assert await socket.receive_output(PATIENCE) == {"type": "websocket.accept"}
    yield socket
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(PATIENCE)
    assert not hub()._listeners


def offer() -> None:
    for listener in hub()._listeners:
        listener.offer(["studies", "workitems"])


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


@pytest.mark.usefixtures("may")
def test_a_hint_is_the_name_of_its_topic():
    async def work() -> None:
        async with opened() as socket:
            await socket.send_input({"type": "websocket.receive", "text": "is ignored"})
            offer()
            assert await socket.receive_output(PATIENCE) == {"type": "websocket.send", "text": "studies"}

    run(work)


@pytest.mark.usefixtures("may")
def test_there_is_no_second_hint_before_the_page_has_the_first():
    async def work() -> None:
        async with opened(RECEIPTS) as socket:
            offer()
            first = await socket.receive_output(PATIENCE)
            offer()
            offer()
            assert await socket.receive_nothing(0.1)
            first[RECEIPTS]()
            second = await socket.receive_output(PATIENCE)
            assert second["text"] == "studies"
            second[RECEIPTS]()
            assert await socket.receive_nothing(0.1)

    run(work)


@pytest.mark.parametrize("extensions", [(), (RECEIPTS,)])
@pytest.mark.usefixtures("may")
def test_a_page_that_takes_nothing_is_closed(settings, extensions):
    settings.ARCHIVE_STALL_SECONDS = 0.05
    sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])
        if message["type"] == "websocket.accept":
            asyncio.get_running_loop().call_soon(offer)
        elif message["type"] == "websocket.send" and not extensions:
            await asyncio.Event().wait()

    async def work() -> None:
        incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        incoming.put_nowait({"type": "websocket.connect"})
        async with asyncio.timeout(PATIENCE):
            await live(scope(*extensions), incoming.get, send)

    run(work)
    assert sent == ["websocket.accept", "websocket.send", "websocket.close"]


@pytest.mark.usefixtures("may")
def test_when_the_server_goes_down_it_is_closed():
    async def work() -> None:
        async with opened() as socket:
            await socket.send_input({"type": SHUTDOWN})
            assert await socket.receive_output(PATIENCE) == {"type": "websocket.close", "code": 1001}

    run(work)


def test_when_its_reader_may_not_any_more_it_is_closed_but_not_while_nobody_can_say(may, monkeypatch):
    monkeypatch.setattr(channel_module, "CHECK_SECONDS", 0.01)
    may[:] = [False, OperationalError(), True]

    async def work() -> None:
        async with opened() as socket:
            assert await socket.receive_output(PATIENCE) == {"type": "websocket.close", "code": 1008}

    run(work)
    assert may == []


@pytest.mark.parametrize(
    ("extensions", "types"),
    [
        (("websocket.http.response",), ["websocket.http.response.start", "websocket.http.response.body"]),
        ((), ["websocket.close"]),
    ],
)
def test_a_refusal_has_a_status_where_the_server_can_send_it(monkeypatch, extensions, types):
    monkeypatch.setattr(channel_module, "person", lambda request: None)

    async def work() -> None:
        socket = ApplicationCommunicator(live, scope(*extensions))
        await socket.send_input({"type": "websocket.connect"})
        sent = [await socket.receive_output(PATIENCE) for _ in types]
        await socket.wait(PATIENCE)
        assert [message["type"] for message in sent] == types
        assert sent[0].get("status", 403) == 403

    run(work)
