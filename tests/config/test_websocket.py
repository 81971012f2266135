"""The server's side of a WebSocket: receipts for what a client has taken, goodbyes, and handshakes that are none."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from archive.server_extensions import RECEIPTS, SHUTDOWN
from config.websocket import FLOOD_BYTES, RECEIPT, EventChannelProtocol

PATIENCE = 20


class Wire(asyncio.Transport):
    """What the server writes reaches the client at once; what the client writes, when a test says so."""

    def __init__(self, client: ClientProtocol) -> None:
        super().__init__()
        self.client = client
        self.written: list[bytes] = []
        self.aborted = self.closing = False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))
        self.client.receive_data(bytes(data))

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True


class Connection:
    """A client, and the server's protocol with an application that does what a test has it do."""

    def __init__(self) -> None:
        self.client = ClientProtocol(parse_uri("ws://localhost/"))
        self.wire = Wire(self.client)
        self.scope: dict[str, Any] = {}
        self.receive: Callable[[], Awaitable[Any]]
        self.send: Callable[[Any], Awaitable[None]]
        self._ready = asyncio.Event()
        self._over = asyncio.Event()
        config = Config(self._application, interface="asgi3", log_config=None, ws=EventChannelProtocol)
        self.protocol = EventChannelProtocol(config, ServerState(), {}, asyncio.get_running_loop())

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        await receive()
        await send({"type": "websocket.accept"})
        self._ready.set()
        await self._over.wait()

    async def open(self) -> None:
        self.protocol.connection_made(self.wire)
        self.client.send_request(self.client.connect())
        self.pass_on()
        async with asyncio.timeout(PATIENCE):
            await self._ready.wait()
        self.client.events_received()

    async def close(self) -> None:
        self._over.set()
        self.protocol.connection_lost(None)
        await asyncio.gather(*self.protocol.tasks)

    def pass_on(self) -> None:
        """What the client has written arrives in one piece."""
        self.protocol.data_received(b"".join(self.client.data_to_send()))

    def told(self) -> list[Frame]:
        return [event for event in self.client.events_received() if isinstance(event, Frame)]


def run(work: Callable[[Connection], Awaitable[None]]) -> None:
    async def opened() -> None:
        connection = Connection()
        await connection.open()
        await work(connection)
        await connection.close()

    asyncio.run(opened())


def frame(text: str, receipt: Callable[[], None]) -> dict[str, Any]:
    return {"type": "websocket.send", "text": text, RECEIPTS: receipt}


def test_a_pong_is_the_receipt_for_what_was_sent_before_its_ping() -> None:
    received: list[str] = []

    async def work(connection: Connection) -> None:
        assert RECEIPTS in connection.scope["extensions"]
        for text in "abc":
            await connection.send(frame(text, lambda text=text: received.append(text)))
        assert [event.opcode for event in connection.told()] == [Opcode.TEXT, Opcode.PING, Opcode.TEXT, Opcode.TEXT]
        assert received == []

        connection.pass_on()  # the client has answered the ping by itself
        assert received == ["a"]
        connection.told()
        connection.pass_on()
        assert received == ["a", "b", "c"]

    run(work)


def test_a_pong_that_nobody_has_asked_for_is_no_receipt() -> None:
    received: list[str] = []

    async def work(connection: Connection) -> None:
        connection.client.send_pong(RECEIPT)
        connection.client.send_pong(b"else")
        connection.pass_on()
        await connection.send(frame("a", lambda: received.append("a")))
        connection.client.data_to_send()  # the answer is lost
        connection.client.send_pong(b"else")
        connection.pass_on()
        assert received == []

    run(work)


def test_a_receipt_counts_that_comes_together_with_the_close_and_no_other_is_asked_for() -> None:
    received: list[str] = []

    async def work(connection: Connection) -> None:
        for text in "ab":
            await connection.send(frame(text, lambda text=text: received.append(text)))
        connection.client.send_close(1000)
        connection.wire.written.clear()
        connection.pass_on()
        assert received == ["a"]
        assert not any(RECEIPT in data for data in connection.wire.written)
        assert (await connection.receive())["type"] == "websocket.disconnect"

    run(work)


def test_the_application_hears_that_the_server_goes_down() -> None:
    async def work(connection: Connection) -> None:
        connection.protocol.shutdown()
        assert await connection.receive() == {"type": SHUTDOWN}
        assert connection.told() == []

        await connection.send({"type": "websocket.close", "code": 1001})
        assert connection.client.close_rcvd is not None
        assert connection.client.close_rcvd.code == 1001

    run(work)


def test_a_handshake_that_is_refused_with_a_status_is_no_error_of_the_servers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"no"})

    async def work() -> None:
        wire = Wire(ClientProtocol(parse_uri("ws://localhost/")))
        config = Config(refuse, interface="asgi3", log_config=None, ws=EventChannelProtocol)
        protocol = EventChannelProtocol(config, ServerState(), {}, asyncio.get_running_loop())
        protocol.connection_made(wire)
        wire.client.send_request(wire.client.connect())
        protocol.data_received(b"".join(wire.client.data_to_send()))
        await asyncio.gather(*protocol.tasks)
        protocol.connection_lost(None)
        assert b"".join(wire.written).startswith(b"HTTP/1.1 403 ")

    asyncio.run(work())
    assert not caplog.records


def test_a_client_that_takes_nothing_is_told_that_it_is_closed_and_then_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("config.websocket.CLOSE_SECONDS", -0.99)

    async def work(connection: Connection) -> None:
        connection.protocol.pause_writing()
        async with asyncio.timeout(PATIENCE):
            await connection.send({"type": "websocket.close", "code": 1013})
            while not connection.wire.aborted:
                await asyncio.sleep(0.01)
        assert connection.client.close_rcvd is not None

    run(work)


def test_a_client_that_floods_the_channel_is_cut_off() -> None:
    async def work(connection: Connection) -> None:
        pieces = FLOOD_BYTES // 100_000
        for number in range(pieces + 1):
            assert not connection.wire.aborted, number
            for _ in range(1000):
                connection.client.send_ping(bytes(94))  # a header and a mask of 6 bytes
            connection.pass_on()
        assert connection.wire.aborted

    run(work)


def test_what_a_client_writes_in_a_long_time_is_no_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.websocket.FLOOD_SECONDS", -1.0)

    async def work(connection: Connection) -> None:
        for _ in range(30):
            connection.client.send_ping(bytes(100))
            connection.client.send_text(bytes(50_000))
            connection.pass_on()
            await connection.receive()
        assert not connection.wire.aborted

    run(work)


def test_frames_before_the_channel_is_open_end_the_connection() -> None:
    async def work() -> None:
        connection = Connection()
        connection.protocol.connection_made(connection.wire)
        connection.client.send_request(connection.client.connect())
        connection.pass_on()
        connection.protocol.data_received(bytes([0x81, 0x80, 0, 0, 0, 0]))
        assert connection.wire.aborted
        await connection.close()

    asyncio.run(work())
