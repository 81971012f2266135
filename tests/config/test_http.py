"""HTTP behind ASGI: clients that stall or vanish, answers that fail, and threads that are free again afterwards."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from config.http import ThreadedHTTP

STALL_SECONDS = 0.25
#: What a test waits for at most before it fails.
PATIENCE = 10

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Client:
    """The server's side of one connection: what the client sends, and how it takes the answer.

    Args:
        body: its pieces; all but the last say that more is to come.
        afterwards: "silent", or "gone": what the client is when it has sent them.
        complete: whether the last piece ends the body.
        takes: after so many messages of the answer it takes no more; None: all of them.
        breaks: sending to it fails, as it does for servers that notice.
    """

    def __init__(
        self,
        *body: bytes,
        afterwards: str = "silent",
        complete: bool = True,
        takes: int | None = None,
        breaks: bool = False,
    ) -> None:
        self._coming = [{"type": "http.request", "body": piece, "more_body": True} for piece in body or (b"",)]
        self._coming[-1]["more_body"] = not complete
        self._afterwards = afterwards
        self._takes = takes
        self._breaks = breaks
        self.answer: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self._coming:
            return self._coming.pop(0)
        if self._afterwards == "gone":
            return {"type": "http.disconnect"}
        return await asyncio.get_running_loop().create_future()

    async def send(self, message: dict[str, Any]) -> None:
        if len(self.answer) == self._takes:
            if self._breaks:
                raise BrokenPipeError
            await asyncio.get_running_loop().create_future()
        self.answer.append(message)

    @property
    def status(self) -> int | None:
        return self.answer[0]["status"] if self.answer else None

    @property
    def content(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.answer)

    @property
    def answer_is_complete(self) -> bool:
        return bool(self.answer) and not self.answer[-1].get(
            "more_body", self.answer[-1]["type"] != "http.response.body"
        )


def scope(method: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [],
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 8000),
    }


def serve(application: Application, *requests: tuple[str, Client], threads: int = 2) -> list[BaseException | None]:
    """Answer the requests one after the other with one server; what each raised. No task may be left behind."""

    async def run() -> list[BaseException | None]:
        server = ThreadedHTTP(application, threads=threads, stall_seconds=STALL_SECONDS)
        raised: list[BaseException | None] = []
        for method, client in requests:
            try:
                async with asyncio.timeout(PATIENCE):
                    await server(scope(method), client.receive, client.send)
                raised.append(None)
            except ValueError as error:
                raised.append(error)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return raised

    return asyncio.run(run())


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    """Answers with the body it got, read in small pieces."""
    start_response("200 OK", [])
    while piece := environ["wsgi.input"].read(3):
        yield piece


def found(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [])
    return [b"found"]


class Uploads:
    """An application that reads the whole body and keeps what it read, or why it could not."""

    def __init__(self) -> None:
        self.read: list[bytes | type[OSError]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        try:
            self.read.append(environ["wsgi.input"].read())
        except OSError as error:
            self.read.append(type(error).__mro__[1])
            start_response("408 Request Timeout", [])
            return [b""]
        start_response("200 OK", [])
        return [b"stored"]


class Downloads:
    """An application whose answer never ends."""

    def __init__(self, length: int = 1000) -> None:
        self._piece = b"x" * length
        self.pieces = 0
        self.closed = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                self.pieces += 1
                yield self._piece
                time.sleep(0.001)
        finally:
            self.closed += 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_is_answered(method):
    client = Client()

    assert serve(found, (method, client)) == [None]
    assert (client.status, client.content, client.answer_is_complete) == (200, b"found", True)


def test_a_body_arrives_whole_however_it_is_cut():
    client = Client(b"", b"ab", b"cdefg", b"", b"h")

    serve(echo, ("POST", client))

    assert client.content == b"abcdefgh"


def test_a_body_ends_where_it_ends_although_the_client_stays_silent_afterwards():
    uploads, client = Uploads(), Client(b"abc")

    serve(uploads, ("POST", client))

    assert uploads.read == [b"abc"]
    assert client.content == b"stored"


@pytest.mark.parametrize("body", [(), (b"abc",), (b"abc", b"def")])
def test_a_client_that_vanishes_during_its_upload_is_an_error_not_the_end_of_the_body(body):
    uploads = Uploads()

    serve(uploads, ("POST", Client(*body, complete=False, afterwards="gone")))

    assert uploads.read == [OSError]


def test_a_client_that_stalls_during_its_upload_is_given_up():
    uploads, client = Uploads(), Client(b"abc", complete=False)

    serve(uploads, ("POST", client))

    assert uploads.read == [OSError]
    assert (client.status, client.answer_is_complete) == (408, True)


def test_an_upload_that_is_slow_but_moves_is_not_given_up():
    uploads, client = Uploads(), Client(*[b"x"] * 5)

    async def slowly() -> dict[str, Any]:
        await asyncio.sleep(STALL_SECONDS / 5)
        return await Client.receive(client)

    client.receive = slowly  # type: ignore[method-assign]
    serve(uploads, ("POST", client))

    assert uploads.read == [b"xxxxx"]


def test_a_client_that_takes_nothing_more_ends_the_making_of_its_answer():
    downloads, client = Downloads(), Client(takes=3)

    assert serve(downloads, ("GET", client)) == [None]
    assert downloads.closed == 1
    assert not client.answer_is_complete


def test_a_client_that_vanishes_ends_the_making_of_its_answer():
    downloads, client = Downloads(), Client(afterwards="gone")

    assert serve(downloads, ("GET", client)) == [None]
    assert downloads.closed == 1
    assert not client.answer_is_complete


def test_a_connection_that_breaks_ends_the_making_of_its_answer():
    downloads, client = Downloads(), Client(takes=3, breaks=True)

    assert serve(downloads, ("GET", client)) == [None]
    assert downloads.closed == 1
    assert downloads.pieces < 100


def test_an_answer_that_takes_long_to_make_is_not_a_client_that_stalls():
    def thoughtful(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        time.sleep(STALL_SECONDS * 1.2)
        start_response("200 OK", [])
        yield b"a"
        time.sleep(STALL_SECONDS * 1.2)
        yield b"b"

    get, post = Client(), Client(b"body")
    assert serve(thoughtful, ("GET", get), ("POST", post)) == [None, None]
    assert (get.content, post.content) == (b"ab", b"ab")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_failure_in_the_middle_of_an_answer_reaches_the_server_which_breaks_the_connection(method):
    def failing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "1000")])
        yield b"abc"
        raise ValueError("the blob is gone")

    client = Client(b"")
    (raised,) = serve(failing, (method, client))

    assert isinstance(raised, ValueError)
    assert not client.answer_is_complete


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_failure_before_the_first_of_the_body_does_not_take_the_head_back(method):
    """The server would answer 500 in its own words."""

    def failing(environ, start_response):
        start_response("200 OK", [])
        raise ValueError
        yield b""

    client = Client()
    (error,) = serve(failing, (method, client))
    assert isinstance(error, ValueError)
    assert client.status == 200
    assert not client.answer_is_complete


def test_a_failure_before_the_answer_reaches_the_server():
    def failing(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        raise ValueError("no")

    client = Client(b"")
    (raised,) = serve(failing, ("GET", client))

    assert isinstance(raised, ValueError)
    assert client.answer == []


def test_the_answer_is_closed_once_however_it_ends():
    class Answer:
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a", b"b"])

        def close(self) -> None:
            self.closed += 1

    answer = Answer()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Answer:
        start_response("200 OK", [])
        return answer

    serve(application, ("GET", Client()))

    assert answer.closed == 1


@pytest.mark.parametrize(
    ("method", "make"),
    [
        pytest.param("GET", lambda: Client(takes=2), id="stalled-download"),
        pytest.param("GET", lambda: Client(afterwards="gone"), id="vanished-download"),
        pytest.param("GET", lambda: Client(takes=1, breaks=True), id="broken-download"),
        pytest.param("POST", lambda: Client(b"a", complete=False), id="stalled-upload"),
        pytest.param("POST", lambda: Client(b"a", complete=False, afterwards="gone"), id="vanished-upload"),
    ],
)
def test_threads_are_free_again_after_lost_clients(method, make):
    after = threading.Event()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if after.is_set():
            return found(environ, start_response)
        return (Uploads() if method == "POST" else Downloads())(environ, start_response)

    async def run() -> Client:
        server = ThreadedHTTP(application, threads=2, stall_seconds=STALL_SECONDS)
        lost = [make() for _ in range(6)]
        last = Client()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(server(scope(method), client.receive, client.send) for client in lost))
            after.set()
            await server(scope(method), last.receive, last.send)
        return last

    assert asyncio.run(run()).content == b"found"


@pytest.mark.parametrize(
    ("method", "client"),
    [
        pytest.param("GET", lambda: Client(takes=1), id="download"),
        pytest.param("POST", lambda: Client(b"a", complete=False), id="upload"),
    ],
)
def test_a_server_that_stops_in_the_middle_of_a_request_frees_its_thread(method, client):
    """Else the process would wait for the thread for ever."""
    freed = threading.Event()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        try:
            yield from (Uploads() if method == "POST" else Downloads(length=100_000))(environ, start_response)
        finally:
            freed.set()

    async def run() -> None:
        server = ThreadedHTTP(application, threads=2, stall_seconds=PATIENCE)
        connection = client()
        task = asyncio.create_task(server(scope(method), connection.receive, connection.send))
        await asyncio.sleep(0.2)
        assert not freed.is_set()
        task.cancel()
        await asyncio.wait([task])
        assert await asyncio.to_thread(freed.wait, PATIENCE)

    asyncio.run(run())


def test_slow_uploads_keep_no_reader_waiting():
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return (Uploads() if environ["REQUEST_METHOD"] == "POST" else found)(environ, start_response)

    async def run() -> tuple[bytes, int]:
        server = ThreadedHTTP(application, threads=2, stall_seconds=STALL_SECONDS * 3)
        slow = [Client(b"a", complete=False) for _ in range(4)]
        uploads = [asyncio.create_task(server(scope("POST"), client.receive, client.send)) for client in slow]
        await asyncio.sleep(0)
        reader = Client()
        await server(scope("GET"), reader.receive, reader.send)
        waiting = sum(not upload.done() for upload in uploads)
        await asyncio.gather(*uploads)
        return reader.content, waiting

    assert asyncio.run(run()) == (b"found", 4)


@pytest.mark.parametrize(
    ("path", "query"), [("/studies/1/rendered", b""), ("/studies/1/thumbnail/", b""), ("/wado", b"requestType=WADO")]
)
def test_pictures_that_wait_for_a_processor_keep_no_reader_waiting(path: str, query: bytes):
    finished = threading.Event()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == path:
            finished.wait(PATIENCE)
        return found(environ, start_response)

    async def run() -> tuple[bytes, int]:
        server = ThreadedHTTP(application, threads=2, stall_seconds=PATIENCE)
        viewers = [Client() for _ in range(4)]
        wanted = {**scope("GET"), "path": path, "query_string": query}
        pictures = [asyncio.create_task(server(dict(wanted), viewer.receive, viewer.send)) for viewer in viewers]
        await asyncio.sleep(0)
        reader = Client()
        await server(scope("GET"), reader.receive, reader.send)
        waiting = sum(not picture.done() for picture in pictures)
        finished.set()
        await asyncio.gather(*pictures)
        return reader.content, waiting

    assert asyncio.run(run()) == (b"found", 4)
