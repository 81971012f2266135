"""A client of the worklist over the wire: workitems and subscriptions over HTTP, event reports over WebSocket."""

import contextlib
from collections.abc import Iterator
from struct import pack
from typing import Any
from uuid import uuid4

import orjson
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from archive.dicom.dicom_json import DataSet
from tests.live_archive import LiveArchive
from tests.workitems import data_set, tag, workitem
from workflow.uids import GLOBAL_SUBSCRIPTION

JSON = {"Content-Type": "application/dicom+json"}
#: Longer than any report takes on a busy machine, and as long as it takes to be sure that there is none.
PATIENCE, SILENCE = 30, 1.5

EVENT_TYPE, WORKITEM, STATE, SCP_STATUS = "00001002", "00001000", tag("ProcedureStepState"), tag("SCPStatus")
SEQUENCE = "00751001"


def new_uid() -> str:
    return f"2.25.{uuid4().int}"


def value(report: DataSet, tag: str) -> Any:
    return report.get(tag, {}).get("Value", [None])[0]


def brief(report: DataSet) -> str:
    """`1 SCHEDULED`, `4 RESTARTED`, else the type alone."""
    said = value(report, STATE) or value(report, SCP_STATUS)
    return f"{value(report, EVENT_TYPE)} {said}" if said else str(value(report, EVENT_TYPE))


class Worklist:
    """The worklist of an archive, as somebody uses it who may do everything."""

    def __init__(self, archive: LiveArchive, session: requests.Session, token: str) -> None:
        self._archive = archive
        self._session = session
        self._token = token

    def at(self, archive: LiveArchive) -> "Worklist":
        """The same worklist, at another server over the same database."""
        return Worklist(archive, self._session, self._token)

    # -- over HTTP ---------------------------------------------------------------

    def create(self, **attributes: Any) -> str:
        """The UID of a new workitem."""
        uid = new_uid()
        body = orjson.dumps([workitem(**attributes)])
        answer = self._session.post(f"{self._archive.url}/workitems?workitem={uid}", body, headers=JSON)
        assert answer.status_code == 201, answer.text
        return uid

    def claim(self, uid: str) -> None:
        body = orjson.dumps([data_set(TransactionUID=new_uid(), ProcedureStepState="IN PROGRESS")])
        answer = self._session.put(f"{self._archive.url}/workitems/{uid}/state", body, headers=JSON)
        assert answer.status_code == 200, answer.text

    def request_cancellation(self, uid: str, **details: Any) -> None:
        body = orjson.dumps([data_set(**details)])
        answer = self._session.post(f"{self._archive.url}/workitems/{uid}/cancelrequest", body, headers=JSON)
        assert answer.status_code == 202, answer.text

    def subscribe(self, ae_title: str, uid: str = GLOBAL_SUBSCRIPTION, *, deletion_lock: bool = False) -> str:
        """Subscribe, to all workitems unless to one. Returns where the answer says that event reports come."""
        url = f"{self._archive.url}/workitems/{uid}/subscribers/{ae_title}?deletionlock={str(deletion_lock).lower()}"
        answer = self._session.post(url)
        assert answer.status_code == 201, answer.text
        return answer.headers["Content-Location"]

    # -- over WebSocket ----------------------------------------------------------

    @contextlib.contextmanager
    def channel(self, ae_title: str, query: str = "") -> Iterator["EventChannel"]:
        """An open event channel."""
        with self.open(f"subscribers/{ae_title}{query}") as connection:
            yield EventChannel(connection)

    def open(self, path: str, **options: Any) -> ClientConnection:
        """A WebSocket below the service root, signed in with the token unless the options have other headers."""
        headers = {"additional_headers": {"Authorization": f"Token {self._token}"}}
        url = f"{self._archive.url.replace('http', 'ws', 1)}/{path}"
        return connect(url, proxy=None, legacy=True, **(headers | options))


class EventChannel:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def report(self) -> DataSet:
        """The next one."""
        received: DataSet = orjson.loads(self.connection.recv(timeout=PATIENCE))
        return received

    def told(self, number: int) -> list[str]:
        """So many reports, in brief."""
        return [brief(self.report()) for _ in range(number)]

    def is_silent(self) -> bool:
        """Whether nothing comes for a while."""
        with contextlib.suppress(TimeoutError):
            self.connection.recv(timeout=SILENCE)
            return False
        return True

    def break_off(self) -> None:
        """As when the client is killed."""
        socket = self.connection.socket
        socket.setsockopt(1, 13, pack("ii", 1, 0))  # SOL_SOCKET, SO_LINGER: reset instead of closing
        socket.shutdown(2)
        socket.close()

    def close_code(self) -> int:
        """What the archive closes the channel with, after whatever it still sends."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.connection.recv(timeout=PATIENCE)
        assert self.connection.close_code is not None
        return self.connection.close_code
