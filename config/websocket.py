"""uvicorn's WebSocket protocol, and what it lacks for event channels: receipts, a goodbye, an end to stalled ones."""

import logging
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import OPEN

from archive.server_extensions import RECEIPTS, SHUTDOWN

log = logging.getLogger(__name__)
# uvicorn and websockets log URLs and headers, which have tickets and tokens in them.
log.setLevel(logging.WARNING)

#: A client that has been told that its channel is closed gets so long to agree.
CLOSE_SECONDS = 2.0
#: What a ping has in it that asks for a receipt; others have four bytes.
RECEIPT = b"receipt"
#: A channel only sends. A client that writes more than so many bytes in so many seconds, which are far more than pings,
#: receipts and mistakes take, is cut off: what answers its pings would pile up when it reads nothing.
FLOOD_BYTES, FLOOD_SECONDS = 1 << 20, 10.0


class EventChannelProtocol(WebSocketsSansIOProtocol):
    """A client's pong is the receipt for everything that was sent before the ping: it has taken that out of the socket.

    What is in a socket may still be lost, for a long time without anybody noticing when the network is gone.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = CLOSE_SECONDS
        self.logger = self.conn.logger = log
        self.conn.debug = False
        #: Whom to tell of the next receipt, and of the one that has been asked for.
        self._sent: list[Callable[[], None]] = []
        self._asked: list[Callable[[], None]] = []
        #: What the client has written since when.
        self._written, self._since = 0, self.loop.time()

    def data_received(self, data: bytes) -> None:
        if self._floods(len(data)):
            log.warning("a client wrote too much into an event channel, and was cut off")
            self.transport.abort()
            return
        if self.handshake_initiated and not self.handshake_complete:
            self.transport.abort()  # frames before the channel is open, which cannot be read
            return
        super().data_received(data)
        if self.conn.handshake_exc and not self.close_sent:
            # A handshake that could not be read: uvicorn keeps what there is to say about that.
            self.handshake_complete = self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def _floods(self, length: int) -> bool:
        now = self.loop.time()
        if now - self._since > FLOOD_SECONDS:
            self._written, self._since = 0, now
        self._written += length
        return self._written > FLOOD_BYTES

    async def run_asgi(self) -> None:
        self.scope["extensions"][RECEIPTS] = {}
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            # It is said to a client that takes nothing too, whose connection would never end by itself.
            self.writable.set()
            self.loop.call_later(CLOSE_SECONDS + 1, self.transport.abort)
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            # Refused with a status: the handshake is over, which uvicorn would take for our mistake and log.
            self.handshake_complete = True
        if receipt := message.get(RECEIPTS):
            self._sent.append(receipt)
            self._ask()

    def _ask(self) -> None:
        """One ping at a time."""
        if self._sent and not self._asked and self.conn.state is OPEN:
            self._asked, self._sent = self._sent, []
            self.conn.send_ping(RECEIPT)
            self.transport.write(b"".join(self.conn.data_to_send()))

    def handle_pong(self, event: Frame) -> None:
        if bytes(event.data) != RECEIPT:
            super().handle_pong(event)
            return
        received, self._asked = self._asked, []
        for receipt in received:
            receipt()
        self._ask()

    def shutdown(self) -> None:
        """The server goes down: the application says goodbye and closes the channel, and the server waits for that."""
        if self.handshake_complete and not self.close_sent:
            goodbye: Any = {"type": SHUTDOWN}
            self.queue.put_nowait(goodbye)
        else:
            super().shutdown()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)
