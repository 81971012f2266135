"""Synchronous Django behind ASGI: a2wsgi's threads, and what they lack towards clients that stall or vanish.

See `docs/decisions/0001-http-through-a2wsgi.md`.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from a2wsgi.wsgi import WSGIResponder

from config.streams import BodyStream, ClientLost, Message, Outbox, Receive, Send

log = logging.getLogger(__name__)

#: Methods whose requests have a body worth threads of their own.
UPLOADS = {"POST", "PUT", "PATCH"}

#: What the paths of pictures end with (PS3.18 Section 10.4.1.1), and the query of the URI Service (Section 9.1).
PICTURES = ("/rendered", "/thumbnail")
URI_SERVICE = b"requestType="


class Connection:
    """One request's two streams; it turns a stalled or vanished client into `ClientLost` on the thread that waits.

    a2wsgi alone takes a vanished client for the end of the body, waits for ever on a stalled one, and when sending
    fails leaves its thread waiting for a queue that nobody empties.
    """

    def __init__(self, receive: Receive, send: Send, stall_seconds: float) -> None:
        self._receive = receive
        self._send = send
        self._stall_seconds = stall_seconds
        self._watcher: asyncio.Task[None] | None = None
        self.body = BodyStream(self.receive)
        self.lost = False

    async def receive(self) -> Message:
        try:
            async with asyncio.timeout(self._stall_seconds):
                message = await self._receive()
        except TimeoutError:
            raise ClientLost("the client sent nothing for too long") from None
        if message["type"] == "http.disconnect":
            self.lost = True
            raise ClientLost("the client closed the connection")
        return message

    async def send(self, message: Message) -> None:
        """Never fails: a lost client is noticed by `until_lost` before the next piece of the answer is made."""
        if self.lost:
            return
        try:
            async with asyncio.timeout(self._stall_seconds):
                await self._send(message)
        except (TimeoutError, OSError):
            self.lost = True

    def watch(self) -> None:
        """Notice a client that vanishes while a long answer is on its way: the server says so to whoever receives."""
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._until_disconnected())

    async def _until_disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.lost = True

    def close(self) -> None:
        self.body.close()
        if self._watcher:
            self._watcher.cancel()


def until_lost(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterator[bytes]]:
    """A WSGI application that stops making its answer when the client is lost."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        connection: Connection = environ["asgi.scope"]["archive.connection"]
        environ["wsgi.input"] = connection.body
        pieces = application(environ, start_response)
        try:
            for piece in pieces:
                if connection.lost:
                    raise ClientLost("the client took nothing for too long, or closed the connection")
                yield piece
        finally:
            getattr(pieces, "close", lambda: None)()

    return guarded


class Responder(WSGIResponder):
    """a2wsgi's answer to one request, without its round trip between thread and event loop for every message."""

    def __init__(self, application: Callable[..., Iterable[bytes]], executor: ThreadPoolExecutor) -> None:
        super().__init__(cast(Any, application), executor, send_queue_size=0)
        self.outbox = Outbox()
        self.send_queue = cast(Any, self.outbox)

    def send(self, message: Any) -> None:
        self.outbox.add(message)

    def wsgi(self, environ: Any, start_response: Any) -> None:
        """A failure in the middle of an answer breaks it off: what there is of it is sent before the server is told.

        The server would say 500 where it has not sent the head yet, which waits for the first of the body.
        """
        try:
            super().wsgi(environ, start_response)
        except ClientLost:
            raise
        except Exception:  # noqa: BLE001  the server is told by `__call__`
            if self.response_started:
                self.send({"type": "http.response.body", "body": b"", "more_body": True})
            self.exc_info = sys.exc_info()

    async def sender(self, send: Any) -> None:
        await self.outbox.send_all(send)


class ThreadedHTTP:
    """The ASGI application.

    Uploads have threads of their own, so that slow senders never keep readers waiting; and so have pictures, which
    wait for processors.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int, stall_seconds: float) -> None:
        self._application = until_lost(application)
        self._reads = ThreadPoolExecutor(threads, thread_name_prefix="read")
        self._uploads = ThreadPoolExecutor(max(2, threads // 2), thread_name_prefix="upload")
        self._pictures = ThreadPoolExecutor(max(2, threads // 2), thread_name_prefix="picture")
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        connection = Connection(receive, send, self._stall_seconds)
        executor = self._executor(scope)
        if executor is not self._uploads:
            connection.watch()
        responder: Any = Responder(self._application, executor)
        try:
            await responder({**scope, "archive.connection": connection}, connection.receive, connection.send)
        except ClientLost:
            # The answer is not complete, so the server closes the connection.
            log.info("a client was lost while it was answered")
        finally:
            connection.close()
            responder.outbox.close()

    def _executor(self, scope: MutableMapping[str, Any]) -> ThreadPoolExecutor:
        if scope["method"] in UPLOADS:
            return self._uploads
        picture = scope["path"].rstrip("/").endswith(PICTURES) or URI_SERVICE in scope["query_string"]
        return self._pictures if picture else self._reads
