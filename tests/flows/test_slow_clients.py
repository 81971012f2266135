"""Clients that are slower than the archive: they must not keep others waiting."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from pydicom import Dataset

from tests.builders import instance, part10
from tests.flows.wire import Wire
from tests.live_archive import LiveArchive, live_archive

THREADS = 2
SLOW_CLIENTS = THREADS + 2


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive with few threads and little patience."""
    folder = tmp_path_factory.mktemp("slow-clients")
    with live_archive(folder, ARCHIVE_THREADS=str(THREADS), ARCHIVE_STALL_SECONDS="1") as archive:
        yield archive


def assert_a_reader_is_served(archive: LiveArchive) -> None:
    """Within the patience of a wire: far less than what the slow clients would take."""
    with Wire(archive) as wire:
        wire.request("GET", "/studies?limit=1")
        assert wire.answer().status == 200


def begin_upload(wire: Wire) -> None:
    wire.request("POST", "/studies", "Content-Type: application/dicom", "Content-Length: 1000000")
    wire.send(b"\0")


@contextmanager
def trickling(wires: list[Wire]) -> Iterator[None]:
    """Every wire sends a byte now and then."""
    enough = threading.Event()

    def trickle() -> None:
        while not enough.wait(0.25):
            for wire in wires:
                wire.send(b"\0")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def test_uploads_that_trickle_in_do_not_keep_a_reader_waiting(archive: LiveArchive) -> None:
    with ExitStack() as opened:
        wires = [opened.enter_context(Wire(archive)) for _ in range(SLOW_CLIENTS)]
        for wire in wires:
            begin_upload(wire)
        with trickling(wires):
            for _ in range(5):
                assert_a_reader_is_served(archive)


def test_a_stalled_upload_is_given_up_and_another_takes_its_thread(archive: LiveArchive) -> None:
    with ExitStack() as opened:
        for _ in range(SLOW_CLIENTS):
            begin_upload(opened.enter_context(Wire(archive)))
        assert archive.store(part10(instance())).status_code == 200


def test_heads_of_requests_that_never_end_hold_no_thread(archive: LiveArchive) -> None:
    with ExitStack() as opened:
        for _ in range(SLOW_CLIENTS):
            opened.enter_context(Wire(archive)).send(b"GET /dicom-web/studies HTTP/1.1\r\nHost: 127")
        assert_a_reader_is_served(archive)
        assert archive.store(part10(instance())).status_code == 200


@pytest.fixture(scope="module")
def large(archive: LiveArchive) -> Dataset:
    """More than all the buffers between the archive and a client hold."""
    rows, columns = 4096, 4096
    dataset = instance(Rows=rows, Columns=columns, PixelData=bytes(2 * rows * columns))
    assert archive.store(part10(dataset)).status_code == 200
    return dataset


def test_a_stalled_download_is_given_up_and_its_thread_is_free_again(archive: LiveArchive, large: Dataset) -> None:
    with ExitStack() as opened:
        stalled = []
        for _ in range(SLOW_CLIENTS):
            wire = opened.enter_context(Wire(archive, receive_buffer=1 << 16))
            wire.request("GET", f"/studies/{large.StudyInstanceUID}")
            stalled.append(wire)
        assert_a_reader_is_served(archive)
        for wire in stalled[:THREADS]:  # these had the threads
            with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
                wire.answer().read()


def test_a_download_that_is_slow_but_moves_is_not_given_up(archive: LiveArchive, large: Dataset) -> None:
    """It takes longer than the archive waits for a client that takes nothing."""
    with Wire(archive, receive_buffer=1 << 20) as wire:
        wire.request("GET", f"/studies/{large.StudyInstanceUID}")
        answer = wire.answer()
        length, received = int(answer.headers["Content-Length"]), 0
        pause = threading.Event()
        while piece := answer.read(1 << 20):
            received += len(piece)
            pause.wait(2 / (length >> 20))
    assert received == length


def test_everybody_is_served_while_many_ask_at_once(archive: LiveArchive) -> None:
    """More requests than threads wait for their turn; none is refused."""
    with ExitStack() as opened:
        wires = [opened.enter_context(Wire(archive)) for _ in range(20 * THREADS)]
        for wire in wires:
            wire.request("GET", "/studies?limit=1")
        assert [wire.answer().status for wire in wires] == [200] * len(wires)
