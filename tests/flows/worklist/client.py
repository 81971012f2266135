"""A client of the worklist as the standard describes one: it knows the root of the service, and nothing of its code."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from typing import Any, Self
from urllib.parse import quote

from pydicom.uid import generate_uid
from requests import Response, Session
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from archive.dicom.dicom_json import DataSet
from tests.flows.worklist.reports import SCP_STATUS_CHANGE, Report, read
from tests.workitems import data_set, workitem

JSON = "application/dicom+json"

#: Seconds that a frame or an answer may take on a busy machine; nothing waits for so long when all is well.
PATIENCE = 30
#: Seconds after which what has not come does not come; `EventChannel.expect_silence` does without.
SILENCE = 1.5

#: Within so many seconds after a client has acknowledged a report, the archive does not send it again.
NOTED_SECONDS = 1


@dataclass
class Worklist:
    """Whoever has signed in, with the workitems that they create and the event channels that they open.

    Args:
        url: the root of the service, such as `https://archive.example/dicom-web`.
        channels: the root of the event channels, where that is another process.
    """

    url: str
    session: Session = field(repr=False)
    channels: str = ""
    mine: set[str] = field(default_factory=set, repr=False)
    _open: ExitStack = field(default_factory=ExitStack, repr=False)

    # -- transactions, PS3.18 Section 11 -----------------------------------------

    def create(self, new: DataSet | None = None, uid: str | None = None, **attributes: Any) -> str:
        """Create a workitem, the smallest legal one with these attributes, or one with this data set; its UID."""
        uid = uid or generate_uid()
        self.mine.add(uid)
        response = self.send("POST", f"/workitems?workitem={uid}", new or workitem(**attributes))
        assert response.status_code == 201, response.text
        return uid

    def retrieve(self, uid: str) -> DataSet:
        response = self.send("GET", f"/workitems/{uid}")
        assert (response.status_code, response.headers["Content-Type"]) == (200, JSON), response.text
        (found,) = response.json()
        return found

    def update(self, uid: str, changes: DataSet, lock: str | None = None) -> Response:
        query = f"?transaction-uid={lock}" if lock else ""
        return self.send("POST", f"/workitems/{uid}{query}", changes)

    def change_state(self, uid: str, state: str, lock: str | None) -> Response:
        wanted = data_set(ProcedureStepState=state, TransactionUID=lock)
        return self.send("PUT", f"/workitems/{uid}/state", wanted)

    def claim(self, uid: str) -> str:
        """Claim a workitem that nobody has claimed; the lock."""
        lock = generate_uid()
        response = self.change_state(uid, "IN PROGRESS", lock)
        assert (response.status_code, response.content) == (200, b""), response.text
        return lock

    def request_cancellation(self, uid: str, details: DataSet | None = None, requester: str | None = None) -> Response:
        query = f"?requester={requester}" if requester else ""
        return self.send("POST", f"/workitems/{uid}/cancelrequest{query}", details)

    def search(self, query: str = "", **keys: str) -> list[DataSet]:
        """The results of a search, whose keys are keywords with `__` for the dots."""
        pairs = [f"{name.replace('__', '.')}={quote(value)}" for name, value in keys.items()]
        response = self.send("GET", f"/workitems?{'&'.join([*pairs, query])}")
        assert response.status_code in {200, 204}, response.text
        return response.json() if response.status_code == 200 else []

    def subscribe(self, uid: str, ae: str, query: str = "") -> Response:
        return self.send("POST", f"/workitems/{uid}/subscribers/{ae}{query and '?'}{query}")

    def suspend(self, uid: str, ae: str) -> Response:
        return self.send("POST", f"/workitems/{uid}/subscribers/{ae}/suspend")

    def unsubscribe(self, uid: str, ae: str) -> Response:
        return self.send("DELETE", f"/workitems/{uid}/subscribers/{ae}")

    def send(self, method: str, path: str, body: DataSet | None = None, **headers: str) -> Response:
        """A request with a data set in JSON, or none."""
        content = {} if body is None else {"data": json.dumps([body]), "headers": {"Content-Type": JSON} | headers}
        return self.session.request(method, self.url + path, timeout=PATIENCE, **({"headers": headers} | content))

    # -- events, PS3.18 Section 11.13 --------------------------------------------

    def channel_url(self, ae: str) -> str:
        root = self.channels or self.url
        return f"ws{root.removeprefix('http')}/subscribers/{ae}"

    def listen(self, ae: str, query: str = "", path: str | None = None) -> "EventChannel":
        """Open the event channel of an AE; it is closed when the client is."""
        connection = self.open(f"{path or f'/subscribers/{ae}'}{query and '?'}{query}")
        return EventChannel(self, ae, self._open.enter_context(connection))

    def open(self, path: str, **options: Any) -> ClientConnection:
        """A WebSocket at this path below the root, signed in unless the options have other header fields."""
        url = f"ws{(self.channels or self.url).removeprefix('http')}{path}"
        signed_in = {"additional_headers": {"Authorization": str(self.session.headers["Authorization"])}}
        return connect(url, proxy=None, open_timeout=PATIENCE, close_timeout=1, **(signed_in | options))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self.session.close()


@dataclass
class EventChannel:
    """An open event channel. It passes over what is about workitems that are not its client's."""

    worklist: Worklist
    ae: str
    connection: ClientConnection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def expect(self, *expected: Report) -> list[DataSet]:
        """Wait for these reports, and no others before the last of them; their frames."""
        frames = [self.next() for _ in expected]
        found = [read(frame) for frame in frames]
        assert found == list(expected), f"{found} instead of {expected}"
        return frames

    def expect_silence(self) -> None:
        """That nothing has been sent that was not expected.

        Nobody waits for that: reports come in the order of what they report, so one that is made now is the next.
        """
        marker = generate_uid()
        other = Worklist(self.worklist.url, self.worklist.session)
        other.create(uid=marker, ProcedureStepLabel="Marker")
        assert other.subscribe(marker, self.ae).status_code == 201
        found = read(self._next(self.worklist.mine | {marker}))
        assert found.workitem == marker, found
        assert other.unsubscribe(marker, self.ae).status_code == 200

    def next(self) -> DataSet:
        """The next frame about a workitem of the client's, or about the archive as such."""
        return self._next(self.worklist.mine)

    def is_silent(self) -> bool:
        """Whether nothing comes for a while, for where `expect_silence` would change what there is to come."""
        with suppress(TimeoutError):
            self._next(self.worklist.mine, SILENCE)
            return False
        return True

    def close_code(self) -> int:
        """What the archive closes the channel with, after whatever it still sends."""
        with suppress(ConnectionClosed):
            while True:
                self.connection.recv(timeout=PATIENCE)
        assert self.connection.close_code is not None
        return self.connection.close_code

    def break_off(self) -> None:
        """End the connection without the handshake that ends a WebSocket.

        First the archive has time to note what we have: of what it has not noted it cannot know whether it arrived.
        """
        time.sleep(NOTED_SECONDS)
        self.connection.socket.shutdown(SHUT_RDWR)

    def _next(self, workitems: set[str], timeout: float = PATIENCE) -> DataSet:
        while True:
            text = self.connection.recv(timeout=timeout)
            assert isinstance(text, str), "a report is a text frame"
            frame: DataSet = json.loads(text)
            report = read(frame)
            if report.workitem in workitems or report.type == SCP_STATUS_CHANGE:
                return frame


def outcome(response: Response) -> tuple[int, bytes]:
    return response.status_code, response.content


def warning(worklist: Worklist, text: str) -> str:
    """The value of the Warning field that PS3.18 has for this text."""
    return f"299 {worklist.url}: {text}"


def values(found: DataSet, path: str) -> list[Any]:
    """The values of the attribute at the end of a path of tags, through the first items."""
    tag, _, rest = path.partition(".")
    held: Sequence[Any] = found.get(tag, {}).get("Value", [])
    return list(held) if not rest else values(held[0], rest) if held else []
