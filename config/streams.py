"""The two streams of a request between the event loop, which talks to the client, and the thread that answers."""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: So many bytes of a body are received before they are read, and of an answer made before they are sent.
AHEAD = 1 << 20


class ClientLost(OSError):
    """The client closed the connection, or sent or took nothing for too long."""


class BodyStream:
    """`wsgi.input`: the request's body, read ahead on the event loop while the thread works on what came before.

    It begins to receive when it is first read: a request that is refused for its header is not asked for its body.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._started = False
        self._changed = threading.Condition()
        # Guarded by `_changed`: what has come and was not read yet, and how the body ended.
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._ended = False
        self._error: ClientLost | None = None

    def read1(self, size: int = -1) -> bytes:
        """Some bytes as soon as there are any, at most `size`; none at the end.

        Raises:
            ClientLost: the body ends before it is complete.
        """
        if not self._started:
            self._started = True
            self._loop.call_soon_threadsafe(self._start)
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._ended)
            if not self._pieces:
                if self._error:
                    raise self._error
                return b""
            piece = self._pieces.popleft()
            if 0 <= size < len(piece):
                self._pieces.appendleft(piece[size:])
                piece = piece[:size]
            full, self._waiting = self._waiting >= AHEAD, self._waiting - len(piece)
        if full and self._waiting < AHEAD:
            self._loop.call_soon_threadsafe(self._room.set)
        return piece

    def read(self, size: int = -1) -> bytes:
        """`size` bytes, fewer only at the end; all of them for -1."""
        pieces: list[bytes] = []
        wanted = size
        while wanted and (piece := self.read1(wanted)):
            pieces.append(piece)
            wanted -= len(piece) if size >= 0 else 0
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        line = bytearray()
        while len(line) != size and not line.endswith(b"\n") and (byte := self.read1(1)):
            line += byte
        return bytes(line)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _start(self) -> None:
        self._task = asyncio.create_task(self._pump())

    async def _pump(self) -> None:
        more = True
        error: ClientLost | None = None
        while more:
            try:
                message = await self._receive()
            except ClientLost as lost:
                message, error = {}, lost
            more = message.get("more_body", False)
            if self._put(message.get("body", b""), ended=not more, error=error) >= AHEAD:
                self._room.clear()
                await self._room.wait()

    def _put(self, piece: bytes, *, ended: bool, error: ClientLost | None) -> int:
        with self._changed:
            if piece:
                self._pieces.append(piece)
                self._waiting += len(piece)
            self._ended, self._error = ended, error
            self._changed.notify()
            return self._waiting

    def close(self) -> None:
        """Stop receiving, on the event loop, and let a thread that still waits for more go."""
        if self._task:
            self._task.cancel()
        if not self._ended:
            self._put(b"", ended=True, error=ClientLost("the request is over"))


class Outbox:
    """What the thread has answered and the event loop has not sent yet.

    The thread goes on with its work after each message; it waits only while there is too much unsent.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._changed = threading.Condition()
        # Guarded by `_changed`.
        self._messages: deque[Message | None] = deque()
        self._unsent = 0
        self._closed = False

    def add(self, message: Message) -> None:
        """Leave a message to be sent; on the thread. The head of an answer goes out with the first of its body.

        Raises:
            ClientLost: nothing is sent any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._unsent < AHEAD or self._closed)
            if self._closed:
                raise ClientLost("the request is over")
            self._messages.append(message)
            self._unsent += len(message.get("body", b""))
        if message["type"] == "http.response.body":
            self._loop.call_soon_threadsafe(self._wake.set)

    async def put(self, end: None) -> None:
        """Nothing more will be added; on the event loop."""
        with self._changed:
            self._messages.append(end)
        self._wake.set()

    async def send_all(self, send: Send) -> None:
        """Send what is added until the end; `send` must not fail."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._messages:
                message = self._messages.popleft()
                if message is None:
                    return
                await send(message)
                with self._changed:
                    self._unsent -= len(message.get("body", b""))
                    self._changed.notify()

    def close(self) -> None:
        """Let a thread that still has something to add go: a server that stops cancels its requests."""
        with self._changed:
            self._closed = True
            self._changed.notify()
