"""A way to an S3 server on which requests are noted, and answers get lost, cut short or replaced on demand."""

import http.client
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with the next request it is about.

    Without a status the request is answered by the server, and `cut` says after how many bytes of its body the
    connection breaks; 0 loses the answer altogether.
    """

    concerns: Callable[[Request], bool]
    status: int | None = None
    code: str = ""
    cut: int = 0


class FaultyS3:
    """Passes requests on to a server. Faults happen once each, in their order, to requests that they concern."""

    def __init__(self, endpoint_url: str) -> None:
        self.requests: list[Request] = []
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(urlsplit(endpoint_url).netloc))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_port}"

    def refuse(self, method: str, status: int, code: str, *, header: str | None = None, times: int = 1) -> None:
        """Answer the next requests of a method, or those of them that have a header, with an error."""

        def concerned(request: Request) -> bool:
            return request.method == method and (header is None or header in request.headers)

        self._faults.extend([Fault(concerned, status, code)] * times)

    def cut(self, method: str, after: int, *, times: int = 1) -> None:
        """Break the connection within the next answers."""
        self._faults.extend([Fault(lambda request: request.method == method, cut=after)] * times)

    def lose_answer(self, method: str) -> None:
        self.cut(method, 0)

    def forget(self) -> None:
        self.requests.clear()
        self._faults.clear()

    def note(self, request: Request) -> Fault | None:
        with self._lock:
            self.requests.append(request)
            if self._faults and self._faults[0].concerns(request):
                return self._faults.popleft()
            return None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(outer, address: str) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                with suppress(ConnectionError):  # readers that had enough hang up
                    super().handle()

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fault = outer.note(Request(self.command, self.path, dict(self.headers)))
                if fault and fault.status:
                    self._refuse(fault.status, fault.code)
                    return
                server = http.client.HTTPConnection(address)
                server.request(self.command, self.path, body, dict(self.headers))
                answer = server.getresponse()
                content = answer.read()
                server.close()
                if fault and not fault.cut:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {"date", "server", "connection", "transfer-encoding"}:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content[: fault.cut] if fault else content)
                self.close_connection = bool(fault)

            def _refuse(self, status: int, code: str) -> None:
                content = b"" if self.command == "HEAD" else f"<Error><Code>{code}</Code></Error>".encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815

            def log_message(self, *arguments: object) -> None:
                """The tests read `requests`."""

        return Handler
