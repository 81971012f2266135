"""Requests to destinations over a socket: what is in them, and what comes of everything that can go wrong."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from io import BytesIO

import pytest
from pydicom import dcmread

from archive.dicom.pieces import Streamed
from archive.sending import client
from archive.sending.client import DestinationAway, Service, store
from tests import builders
from tests.destination import DestinationServer, fails, hangs_up
from tests.servers import free_port


def instance(content: bytes | None = None) -> Streamed:
    content = content or builders.part10(builders.instance())
    return Streamed(len(content), partial(iter, [content]))


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of somebody who takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    client._pool("").clear()


def test_instances_are_posted_to_studies_below_the_address(server):
    files = [builders.part10(builders.instance()) for _ in range(3)]

    reply = store(Service(server.url, "Bearer abc"), list(map(instance, files)))

    (request,) = server.requests
    assert reply.status == 200
    assert request.path == "/dicom-web/studies"
    assert request.files == files
    assert request.headers["Accept"] == "application/dicom+json"
    assert request.headers["Authorization"] == "Bearer abc"


def test_without_a_sign_in_there_is_none(server, monkeypatch, tmp_path):
    """Nor one out of the environment."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password SECRET")
    monkeypatch.setenv("HOME", str(tmp_path))

    store(Service(server.url), [instance()])

    assert "Authorization" not in server.requests[0].headers


def test_no_proxy_is_taken_from_the_environment(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")

    assert store(Service(server.url), [instance()]).status == 200


def test_a_proxy_that_is_set_is_used(server, settings):
    settings.ARCHIVE_SENDING_PROXY = server.root

    assert store(Service("http://pacs.invalid/dicom-web"), [instance()]).status == 200

    assert server.requests[0].path == "http://pacs.invalid/dicom-web/studies"
    client._pool(server.root).clear()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_led_elsewhere_with_the_secret(server, status):
    with DestinationServer().running() as elsewhere:
        server.script.append(fails(status, Location=f"{elsewhere.url}/studies"))

        assert store(Service(server.url, "Bearer abc"), [instance()]).status == status
        assert elsewhere.requests == []


def test_a_connection_is_used_again(server):
    service = Service(server.url)
    for _ in range(3):
        store(service, [instance()])

    (pool,) = [client._pool("").connection_from_url(server.url)]
    assert pool.num_connections == 1
    assert pool.num_requests == 3


@pytest.mark.parametrize(
    ("header", "patience"),
    [("120", 120), ("99999999999", client.LONGEST_PATIENCE), ("soon", 0), ("-5", 0), ("", 0), ("٣", 0)]
    + [(f"Fri, 31 Dec 9999 23:59:59 {zone}", 0) for zone in ("-2359", f"+{'9' * 20}")],
)
def test_how_long_to_wait_is_read(server, header, patience):
    server.script.append(fails(503, Retry_After=header.encode().decode("latin-1")))

    assert store(Service(server.url), [instance()]).patience == patience


@pytest.mark.parametrize(("minutes", "at_least", "most"), [(5, 290, 300), (-5, 0, 0)])
def test_until_when_to_wait_is_read(server, minutes, at_least, most):
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    server.script.append(fails(503, Retry_After=until))

    assert at_least <= store(Service(server.url), [instance()]).patience <= most


def test_an_answer_that_has_no_end_is_not_read(server, monkeypatch):
    monkeypatch.setattr(client, "LARGEST_ANSWER", 1000)
    server.script.append(fails(200, b"x" * 100_000))

    assert store(Service(server.url), [instance()]).body == b""


# -- no answer -------------------------------------------------------------------


def assert_away(url: str, words: str) -> None:
    with pytest.raises(DestinationAway, match=words):
        store(Service(url), [instance()])


def test_a_name_that_nobody_has():
    assert_away("http://pacs.invalid/dicom-web", "name of the destination is not known")


def test_a_port_where_nobody_listens():
    assert_away(f"http://127.0.0.1:{free_port()}", "cannot be connected to")


def test_a_proxy_where_nobody_listens(settings):
    settings.ARCHIVE_SENDING_PROXY = f"http://127.0.0.1:{free_port()}"

    assert_away("http://pacs.invalid/dicom-web", "proxy")


def test_a_certificate_that_nobody_vouches_for(server):
    assert_away(server.url.replace("http", "https"), "certificate is not trusted here, or its TLS")


def test_a_connection_that_ends_without_an_answer(server):
    server.script.append(hangs_up)

    assert_away(server.url, "connection to the destination broke")


def test_nobody_waits_for_ever_for_an_answer(silent, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)

    assert_away(silent, "did not answer in time")


def test_nobody_waits_for_ever_for_bytes_to_be_taken(silent, monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
    endless = Streamed(1 << 40, lambda: iter(lambda: bytes(1 << 20), None))

    with pytest.raises(DestinationAway, match="broke"):
        store(Service(silent), [endless])


def test_nobody_waits_for_ever_for_the_end_of_an_answer(monkeypatch):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 20)
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                with suppress(ConnectionError):
                    for _ in range(20):
                        connection.sendall(b"1\r\nx\r\n")
                        time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        assert_away(f"http://127.0.0.1:{listener.getsockname()[1]}", "did not end its answer in time")
        client._pool("").clear()
        thread.join()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 100 Continue\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
)
def test_an_answer_that_drips_within_a_line_or_a_piece_is_cut_off(monkeypatch, head):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(ConnectionError):
                connection.recv(1 << 20)
                connection.sendall(head)
                for _ in range(1000):
                    connection.sendall(b"x")
                    time.sleep(0.01)

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        assert_away(f"http://127.0.0.1:{listener.getsockname()[1]}", "did not end its answer in time|broke")
        assert time.monotonic() - begun < 5
        client._pool("").clear()
        thread.join()


def test_an_error_of_what_is_sent_comes_through_and_the_connection_is_not_used_again(server):
    def lost() -> Iterator[bytes]:
        yield b"abc"
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        store(Service(server.url), [Streamed(1000, lost)])

    assert store(Service(server.url), [instance()]).status == 200
    assert dcmread(BytesIO(server.requests[-1].files[0])).PatientID == "ID-1"


def test_who_answers_before_everything_is_sent_is_heard():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 20):
                    pass

        thread = threading.Thread(target=refuse)
        thread.start()
        reply = store(Service(f"http://127.0.0.1:{listener.getsockname()[1]}"), [instance(bytes(5 << 20))])
        client._pool("").clear()
        thread.join()

    assert reply.status == 413


def test_what_is_logged_of_a_service_is_not_its_sign_in():
    assert "SECRET" not in repr(Service("https://pacs.example.org", "Bearer SECRET"))
