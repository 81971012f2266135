"""Open pages over a real socket: they are hinted at what any process has committed, and not too often."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from archive.live import hub
from archive.wake_ups import PATIENCE_SECONDS
from tests.builders import instance, part10
from tests.flows.wire import Wire
from tests.flows.worklist.client import Worklist
from tests.live_archive import LiveArchive, live_archive, running
from tests.servers import start_redis
from tests.workitems import workitem

PATIENCE = 30
#: What has not come after so many seconds does not come.
SILENCE = 2.5


def signed_in(archive: LiveArchive) -> str:
    """The session of the first administrator, as a browser keeps it."""
    found = re.search(r"password\s+(\S+)", archive.output)
    assert found
    root = f"http://127.0.0.1:{archive.port}"
    with requests.Session() as client:
        client.trust_env = False
        client.get(f"{root}/login/")
        form = {"username": "admin", "password": found[1], "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        client.post(f"{root}/login/", data=form, allow_redirects=False).raise_for_status()
        return client.cookies["sessionid"]


def page_of(
    archive: LiveArchive, session: str, query: str = "topic=studies", *, path: str = "/live", **headers: str
) -> ClientConnection:
    """The socket of an open page."""
    told = {"Cookie": f"sessionid={session}", "Origin": archive.root} | headers
    url = f"ws://127.0.0.1:{archive.port}{path}?{query}"
    return connect(url, additional_headers=told, open_timeout=PATIENCE, proxy=None)


def store(archive: LiveArchive) -> None:
    """A study that is new."""
    assert archive.store(part10(instance())).status_code == 200


def create(archive: LiveArchive) -> None:
    with archive.session() as session:
        headers = {"Content-Type": "application/dicom+json"}
        assert session.post(f"{archive.url}/workitems", json=[workitem()], headers=headers).status_code == 201


def hears_nothing(page: ClientConnection) -> bool:
    try:
        page.recv(timeout=SILENCE)
    except TimeoutError:
        return True
    return False


@pytest.fixture(scope="module")
def session(archive: LiveArchive) -> str:
    return signed_in(archive)


def test_a_page_is_hinted_at_its_topic_once_that_is_committed(archive: LiveArchive, session: str) -> None:
    with page_of(archive, session) as studies, page_of(archive, session, "topic=workitems") as workitems:
        store(archive)
        assert studies.recv(timeout=PATIENCE) == "studies"
        create(archive)
        assert workitems.recv(timeout=PATIENCE) == "workitems"
        refused = archive.store(part10(instance())[:300])
        assert refused.status_code == 409
        assert hears_nothing(studies)


def test_many_stores_are_a_hint_a_second(archive: LiveArchive, session: str) -> None:
    began = time.monotonic()
    with page_of(archive, session) as page, ThreadPoolExecutor(4) as senders:
        list(senders.map(lambda _: store(archive), range(60)))
        ended = time.monotonic()
        hints = 0
        while not hears_nothing(page):
            hints += 1

    # At once, the last one after the end, and one that was on its way by then.
    assert 1 <= hints <= 3 + (ended - began) / hub.PAUSE_SECONDS


def test_a_hundred_pages_are_hinted_at_once(archive: LiveArchive, session: str) -> None:
    with ExitStack() as opened:
        pages = [opened.enter_context(page_of(archive, session)) for _ in range(100)]
        store(archive)
        assert {page.recv(timeout=PATIENCE) for page in pages} == {"studies"}


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("topic=studies", {"Origin": "https://elsewhere.example"}, 403),
        ("topic=studies", {"Cookie": "sessionid=0123456789abcdef0123456789abcdef"}, 403),
        ("topic=studies", {"Cookie": "sessionid=%00"}, 403),
        ("topic=patients", {}, 400),
        ("", {}, 400),
    ],
)
def test_pages_of_others_and_nobody_and_nonsense_are_refused(
    archive: LiveArchive, session: str, query: str, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        page_of(archive, session, query, **headers)

    assert refused.value.response.status_code == status


def test_a_token_opens_no_page(archive: LiveArchive) -> None:
    with pytest.raises(InvalidStatus) as refused:
        page_of(archive, "", Authorization=f"Token {archive.token()}")

    assert refused.value.response.status_code == 403


# -- behind a proxy, and what clients do that do not read -------------------------


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive behind a proxy that takes a path off, which waits for nobody."""
    settings = {"ARCHIVE_PUBLIC_URL": "http://images.example.org/pacs", "ARCHIVE_STALL_SECONDS": "1"}
    with live_archive(tmp_path_factory.mktemp("impatient"), **settings) as archive:
        yield archive


def test_behind_a_proxy_the_public_origin_is_ours_with_its_path_or_without(impatient: LiveArchive) -> None:
    session = signed_in(impatient)
    origin = "http://images.example.org"
    with ExitStack() as opened:
        pages = [
            opened.enter_context(page_of(impatient, session, path=path, Origin=origin))
            for path in ("/live", "/pacs/live")
        ]
        store(impatient)
        assert [page.recv(timeout=PATIENCE) for page in pages] == ["studies"] * 2


def test_a_client_that_reads_nothing_is_cut_off(impatient: LiveArchive) -> None:
    session = signed_in(impatient)
    lines = [
        "GET /live?topic=studies HTTP/1.1",
        *("Host: images.example.org", "Origin: http://images.example.org", f"Cookie: sessionid={session}"),
        *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    with Wire(impatient) as wire:
        wire.send("\r\n".join([*lines, "", ""]).encode())
        assert wire.receive().startswith(b"HTTP/1.1 101 ")
        store(impatient)
        received = b""
        while part := wire.receive():  # until it is closed, without an answer to any ping
            received += part

    assert b"studies" in received
    assert b"\x88\x02\x03\xf5" in received, "1013, try again later"


# -- between processes -----------------------------------------------------------


def test_redis_carries_hints_between_processes_and_is_not_missed_while_it_is_away(tmp_path: Path) -> None:
    with ExitStack() as opened:
        redis = opened.enter_context(start_redis(tmp_path / "redis"))
        first = opened.enter_context(live_archive(tmp_path, REDIS_URL=redis.url))
        second = opened.enter_context(running(first.beside()))
        session = signed_in(first)
        page = opened.enter_context(page_of(second, session))
        steps = opened.enter_context(page_of(second, session, "topic=workitems"))
        worklist = opened.enter_context(Worklist(first.url, first.session(), channels=second.url))
        channel = opened.enter_context(worklist.listen("WATCHER"))
        worklist.subscribe(worklist.create(), "WATCHER")
        assert steps.recv(timeout=PATIENCE) == "workitems"
        assert channel.next(), "an event channel is told beside"
        store(first)
        assert page.recv(timeout=PATIENCE) == "studies"
        first.manage("seed_demo", "--only", "ecg")
        assert page.recv(timeout=PATIENCE) == "studies", "of a command"

        redis.stop()
        began = time.monotonic()
        store(first)
        create(first)
        assert time.monotonic() - began < PATIENCE_SECONDS, "storing waited for Redis"

        opened.enter_context(start_redis(tmp_path / "again", port=urlsplit(redis.url).port))
        until_hinted(first, steps)

        second.stop()
        assert set(page) <= {"studies"}, "to the end"
        assert page.close_code == 1001


def until_hinted(archive: LiveArchive, page: ClientConnection) -> None:
    """Processes find Redis again within seconds."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        create(archive)
        try:
            assert page.recv(timeout=1) == "workitems"
        except TimeoutError:
            continue
        return
    pytest.fail("there was no hint any more")
