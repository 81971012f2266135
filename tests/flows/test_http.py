"""HTTP as servers and clients really speak it: what a test client inside the process cannot show."""

import contextlib
import re
import socket
from http.client import HTTPConnection

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.builders import instance, part10
from tests.flows.wire import PATIENCE, Wire
from tests.live_archive import LiveArchive

MEBIBYTE = bytes(1 << 20)
MULTIPART = 'Content-Type: multipart/related; type="application/dicom"; boundary=b'


def test_a_websocket_to_an_unknown_path_is_refused(archive: LiveArchive) -> None:
    url = archive.url.replace("http:", "ws:")
    with pytest.raises(InvalidStatus) as refusal, connect(f"{url}/nowhere", proxy=None):
        pass
    assert refusal.value.response.status_code == 404


def test_one_connection_serves_many_requests(archive: LiveArchive) -> None:
    connection = HTTPConnection("127.0.0.1", archive.port, timeout=PATIENCE)
    headers = {"Authorization": f"Token {archive.token()}"}
    connection.connect()
    first = connection.sock
    for _ in range(5):
        connection.request("GET", "/dicom-web/studies?limit=1", headers=headers)
        response = connection.getresponse()
        assert (response.status, response.read(1)) == (200, b"[")
        response.read()
    assert connection.sock is first
    connection.close()


def test_pipelined_requests_are_answered_in_their_order(archive: LiveArchive) -> None:
    with Wire(archive) as wire:
        wire.request("GET", "/studies/1.2.3/metadata")
        wire.request("GET", "/studies/not-a-uid/metadata")
        wire.request("GET", "/studies?limit=0", "Connection: close")
        received = b"".join(iter(wire.receive, b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"404", b"400", b"200"]


@pytest.mark.parametrize(
    ("status", "headers", "signed_in"),
    [
        pytest.param(401, [MULTIPART], False, id="STOW-49"),
        pytest.param(415, ["Content-Type: text/plain"], True, id="STOW-47"),
        pytest.param(406, [MULTIPART, "Accept: image/png"], True, id="STOW-64"),
        pytest.param(400, ["Content-Type: multipart/related; type=application/dicom"], True, id="STOW-44"),
    ],
)
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "with-length"])
def test_a_refused_upload_leaves_the_connection_fit_for_the_next_request(
    archive: LiveArchive, status: int, headers: list[str], signed_in: bool, chunked: bool
) -> None:
    """The body that nobody reads must neither be taken for the next request nor block it."""
    with Wire(archive) as wire:
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {8 * len(MEBIBYTE)}"
        wire.request("POST", "/studies", *headers, length, signed_in=signed_in)
        if chunked:
            wire.send_chunks([MEBIBYTE] * 8)
            wire.send(b"0\r\n\r\n")
        else:
            wire.send(8 * MEBIBYTE)
        refusal = wire.answer(to="POST")
        assert (refusal.status, bool(refusal.read())) == (status, True)
        wire.request("GET", "/studies?limit=0")
        assert wire.answer().status == 200


def test_a_request_that_says_it_is_too_large_is_refused_before_its_body_is_sent(archive: LiveArchive) -> None:
    """STOW-52"""
    with Wire(archive) as wire:
        wire.request("POST", "/studies", "Content-Type: application/dicom", f"Content-Length: {1 << 50}")
        assert wire.answer(to="POST").status == 413
    with Wire(archive) as wire:
        wire.request("GET", "/studies?limit=0")
        assert wire.answer().status == 200


def test_a_client_that_asks_whether_to_send_its_body_is_told(archive: LiveArchive) -> None:
    """RFC 9110 Section 10.1.1: curl does so with every large file."""
    content = part10(instance())
    headers = ["Content-Type: application/dicom", f"Content-Length: {len(content)}", "Expect: 100-continue"]
    with Wire(archive) as wire:
        wire.request("POST", "/studies", *headers)
        assert wire.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(content)
        assert wire.answer(to="POST").status == 200
    with Wire(archive) as wire:
        wire.request("POST", "/studies", *headers, signed_in=False)
        assert wire.answer(to="POST").status == 401, "refused at once: the body stays where it is"


def test_head_answers_as_get_does_without_the_body(archive: LiveArchive, session: requests.Session) -> None:
    """WADO-122"""
    dataset = instance()
    assert archive.store(part10(dataset)).status_code == 200
    study = f"/studies/{dataset.StudyInstanceUID}"
    for path in (study, f"{study}/metadata", f"/studies?StudyInstanceUID={dataset.StudyInstanceUID}"):
        got = session.get(archive.url + path, headers={"Accept-Encoding": "identity"})
        with Wire(archive) as wire:
            wire.request("HEAD", path)
            head = wire.answer(to="HEAD")
            assert head.status == got.status_code == 200
            for name in ("Content-Length", "ETag", "Vary"):
                assert head.headers[name] == got.headers.get(name)
            # A body would stand where the next answer begins.
            wire.request("GET", "/studies?limit=0")
            assert wire.answer().status == 200


def test_large_headers_and_long_queries_are_taken(archive: LiveArchive, session: requests.Session) -> None:
    """A list of UIDs, and a token of an identity provider, are longer than many expect."""
    dataset = instance()
    assert archive.store(part10(dataset)).status_code == 200
    uids = [f"1.2.3.{number}" for number in range(900)] + [dataset.StudyInstanceUID]
    response = session.get(
        f"{archive.url}/studies?StudyInstanceUID={','.join(uids)}", headers={"X-Large": "x" * 16_000}
    )
    assert response.status_code == 200
    assert [found["0020000D"]["Value"] for found in response.json()] == [[dataset.StudyInstanceUID]]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /dicom-web/studies HTTP/1.1\r\nno header\r\n\r\n", id="malformed-header"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), id="TLS"),
    ],
)
def test_what_is_not_http_is_answered_400(archive: LiveArchive, sent: bytes) -> None:
    with Wire(archive) as wire:
        wire.send(sent)
        assert wire.answer().status == 400


@pytest.mark.parametrize("head", [b"X-Large: " + b"x" * (4 << 20), b"X: y\r\n" * 700_000], ids=["one", "many"])
def test_a_head_without_end_is_431_before_anybody_is_asked_who_is_calling(archive: LiveArchive, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", archive.port), timeout=10) as connection:
        with contextlib.suppress(ConnectionError):  # it does not have to listen to the end
            connection.sendall(b"GET /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\n" + head)
        with contextlib.suppress(ConnectionError):
            answer = connection.recv(4096)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")

    assert requests.get(f"{archive.root}/healthz", timeout=10).status_code == 200
