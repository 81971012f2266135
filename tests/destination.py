"""A store service that answers as it is told, and keeps what it was sent: the other end of a sender."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from pydicom import dcmread

from dicomweb.http.multipart import Decoder, PartData, PartStart

REFERENCED, FAILED = "00081199", "00081198"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to store, as it came."""

    path: str
    headers: Mapping[str, str]
    files: Sequence[bytes]

    @property
    def uids(self) -> list[str]:
        return [str(dcmread(BytesIO(file), stop_before_pixels=True).SOPInstanceUID) for file in self.files]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The connection ends before, or in the middle of, the answer.
    broken: bool = False


Says = Callable[[Request], Answer]


def stores(request: Request) -> Answer:
    return answer(200, request.uids)


def refuses(code: int, *chosen: str) -> Says:
    """Refuses the chosen instances, or all, for a reason; and stores the others."""

    def says(request: Request) -> Answer:
        refused = [uid for uid in request.uids if uid in chosen or not chosen]
        stored = [uid for uid in request.uids if uid not in refused]
        return answer(202 if stored else 409, stored, dict.fromkeys(refused, code))

    return says


def fails(status: int, body: bytes = b"", **headers: str) -> Says:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: Answer(status, body, names)


def hangs_up(request: Request) -> Answer:
    return Answer(broken=True)


def answer(status: int, stored: Sequence[str], failed: Mapping[str, int] | None = None) -> Answer:
    """The Store Instances Response Module (PS3.18 Table I.1-1)."""
    module = {
        REFERENCED: _sequence({"00081155": _value("UI", uid)} for uid in stored),
        FAILED: _sequence(
            {"00081155": _value("UI", uid), "00081197": _value("US", code)} for uid, code in (failed or {}).items()
        ),
    }
    return Answer(status, json.dumps(module).encode(), {"Content-Type": "application/dicom+json"})


def _sequence(items: Iterator[dict[str, object]]) -> dict[str, object]:
    return {"vr": "SQ", "Value": list(items)}


def _value(vr: str, value: object) -> dict[str, object]:
    return {"vr": vr, "Value": [value]}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Senders that break off are what some tests are about."""


class DestinationServer:
    """Answers with what is next in `script`; when there is nothing, it stores everything."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: deque[Says] = deque()
        self.otherwise: Says = stores
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.root}/dicom-web"

    @property
    def sent(self) -> list[str]:
        """The SOP Instance UIDs of all that came, in order."""
        return [uid for request in self.requests for uid in request.uids]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        destination = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = Request(self.path, dict(self.headers), _files(self.headers["Content-Type"], body))
                destination.requests.append(request)
                says = destination.script.popleft() if destination.script else destination.otherwise
                self._answer(says(request))

            def _answer(self, answer: Answer) -> None:
                if answer.broken:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *arguments: object) -> None:
                """Tests are quiet."""

        return Handler

    @contextmanager
    def running(self) -> Iterator["DestinationServer"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _files(content_type: str, body: bytes) -> list[bytes]:
    boundary = re.search(r"boundary=(\S+)", content_type)
    assert boundary
    files: list[bytes] = []
    if body == f"--{boundary[1]}--\r\n".encode():
        return files
    decoder = Decoder(boundary[1])
    for piece in (body, None):
        for event in decoder.feed(piece):
            if isinstance(event, PartStart):
                files.append(b"")
            elif isinstance(event, PartData):
                files[-1] += event.data
    return files
