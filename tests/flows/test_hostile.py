"""What nobody should send, over a real socket: a deliberate answer, soon, and the memory stays where it was."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from pydicom import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGExtended12Bit, RLELossless

from tests.archive.dicom.images.built import GRAY_8
from tests.archive.dicom.images.test_jpeg2000_blocks import END, MANY
from tests.builders import encapsulated, instance, part10
from tests.flows.test_memory import resident
from tests.live_archive import LiveArchive, live_archive

MEBIBYTE = 1 << 20
GROWTH = 160 * MEBIBYTE
#: Seconds that are many times what any of these takes.
SOON = 10.0


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive whose memory nobody else uses."""
    with live_archive(tmp_path_factory.mktemp("hostile")) as archive:
        assert archive.store(part10(instance())).status_code == 200  # what is loaded once
        yield archive


@pytest.fixture(autouse=True)
def _memory_stays_flat(archive: LiveArchive) -> Iterator[None]:
    Path(f"/proc/{archive.pid}/clear_refs").write_text("5")
    before = resident(archive, "VmRSS")
    yield
    assert resident(archive, "VmHWM") - before < GROWTH
    assert requests.get(f"{archive.root}/healthz", timeout=10).status_code == 200


# -- requests --------------------------------------------------------------------

GET = "GET /dicom-web/studies HTTP/1.1"
POST = "POST /dicom-web/studies HTTP/1.1"
FILE, CHUNKED = "Content-Type: application/dicom", "Transfer-Encoding: chunked"
NO_BODY = b"\r\n\r\n"

REQUESTS = {
    "no size of a chunk": ([POST, FILE, CHUNKED], b"ZZ\r\nabc\r\n0\r\n\r\n"),
    "a negative size of a chunk": ([POST, FILE, CHUNKED], b"-1\r\nabc\r\n0\r\n\r\n"),
    "a size beyond 64 bits": ([POST, FILE, CHUNKED], b"FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n"),
    "a chunk longer than its size": ([POST, FILE, CHUNKED], b"3\r\nabcXX0\r\n\r\n"),
    "a long extension of a chunk": ([POST, FILE, CHUNKED], b"3;" + b"a" * 100_000 + b"\r\nabc\r\n0\r\n\r\n"),
    "chunked and with a length": ([POST, FILE, CHUNKED, "Content-Length: 4"], b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
    "two lengths": ([POST, FILE, "Content-Length: 4", "Content-Length: 5"], b"abcde"),
    "a negative length": ([POST, FILE, "Content-Length: -4"], b"abcd"),
    "a length beyond 64 bits": ([POST, FILE, f"Content-Length: {10**23}"], b"abcd"),
    "an unknown coding": ([POST, FILE, "Transfer-Encoding: gzip, chunked"], b"0\r\n\r\n"),
    "continuations of a parameter": ([POST, 'Content-Type: a/b; c*0=x; c*=""', "Content-Length: 1"], b"a"),
    "a long content type": ([POST, f"Content-Type: a/b{';' * 400_000}", "Content-Length: 1"], b"a"),
    "two hosts": ([GET, "Host: evil.example"], b""),
    "a host with a user": ([GET, "Host: localhost@evil.example"], b""),
    "an absolute URL": ([GET.replace("/dicom-web", "http://evil.example/dicom-web")], b""),
    "HTTP/9.9": ([GET.replace("1.1", "9.9")], b""),
    "bytes in a path": (["GET /dicom-web/\xff\xfe HTTP/1.1"], b""),
    "percent-encoded bytes in a path": (["GET /dicom-web/%ff%fe%00%0d%0a HTTP/1.1"], b""),
    "percent-encoded bytes in a query": ([GET.replace("studies", "studies?%ff=%00&%=%&;&a[]=%zz")], b""),
    "a parameter 20,000 times": ([GET.replace("studies", f"wado?{'requestType=WADO&' * 20_000}")], b""),
    "20,000 parameters": ([GET.replace("studies", "wado?" + "&".join(f"a{n}=1" for n in range(20_000)))], b""),
    "a token of bytes": ([GET, "Authorization: Token \xff\xfe"], b""),
    "a cookie of bytes": ([GET, 'Cookie: sessionid="aaaaaaaa\\000"; csrftoken=\xff'], b""),
    "a broken origin": ([GET, "Origin: http://[::1"], b""),
    "an origin of bytes": ([GET, "Origin: \xff://x:99999999"], b""),
    "forwarded by a stranger": ([GET, 'Forwarded: for="' + '\\"' * 100_000, "X-Forwarded-Host: evil.example"], b""),
    "a thousand ranges": ([GET, "Range: bytes=" + ",".join(f"{n}-{n}" for n in range(1000))], b""),
    "tags without end": ([GET, "If-None-Match: " + 'W/"a", ' * 50_000], b""),
    "types without end": ([GET, "Accept: " + "a/b;q=0.1," * 40_000], b""),
    "a method of HTTP/2": (["PRI * HTTP/2.0"], b"SM\r\n\r\n"),
    "a tunnel": (["CONNECT evil.example:80 HTTP/1.1"], b""),
}


def send(archive: LiveArchive, lines: list[str], body: bytes, *, signed_in: bool) -> bytes:
    """Everything that comes back until the archive closes the connection, or says no more."""
    head = [*lines, f"Host: 127.0.0.1:{archive.port}", "Connection: close"]
    if signed_in:
        head.append(f"Authorization: Token {archive.token()}")
    received = b""
    with socket.create_connection(("127.0.0.1", archive.port), timeout=SOON / 2) as connection:
        try:
            connection.sendall("\r\n".join(head).encode("latin-1") + NO_BODY + body)
            while piece := connection.recv(1 << 16):
                received += piece
        except OSError:  # it does not have to listen to the end
            pass
    return received


@pytest.mark.parametrize(("lines", "body"), REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed-in", "stranger"])
def test_OTH_11_a_request_of_any_form_is_answered_on_purpose(
    archive: LiveArchive, lines: list[str], body: bytes, signed_in: bool
) -> None:
    start = time.monotonic()
    answer = send(archive, lines, body, signed_in=signed_in)
    assert time.monotonic() - start < SOON
    assert answer == b"" or int(answer.split(b" ", 2)[1]) < 500, answer[:200]
    assert answer.count(b"HTTP/1.1 ") <= 1, "nothing of a body is another request"
    assert b"evil.example" not in answer


# -- objects ---------------------------------------------------------------------


def one_bit_frames() -> Dataset:
    """Eight million frames."""
    return instance(Rows=1, Columns=1, BitsAllocated=1, BitsStored=1, HighBit=0, NumberOfFrames=2**31 - 1,
                    PixelData=bytes(MEBIBYTE))  # fmt: skip


def empty_fragments() -> Dataset:
    """A frame of 400,000 fragments."""
    dataset = encapsulated([b"\xff\xd8"])
    items = b"\xfe\xff\x00\xe0\x02\x00\x00\x00\xff\xd8" * 400_000
    dataset.PixelData = b"\xfe\xff\x00\xe0\x00\x00\x00\x00" + items
    return dataset


def bomb(name: str) -> Dataset:
    pixels = replace(GRAY_8, rows=8192, columns=8192)
    return encapsulated([MANY[name] + END], Rows=pixels.rows, Columns=pixels.columns, BitsAllocated=8, BitsStored=8,
                        HighBit=7)  # fmt: skip


def huge(*frames: bytes) -> Dataset:
    """Four gigabytes a frame, of which there is next to nothing."""
    sides = {"Rows": 65535, "Columns": 65535}
    return encapsulated(frames, **sides) if frames else instance(**sides, NumberOfFrames=9)


OBJECTS: dict[str, tuple[Any, str]] = {
    "many frames": (one_bit_frames, "1.2.840.10008.1.2.1"),
    "many fragments": (empty_fragments, JPEGExtended12Bit),
    "a frame of nothing": (huge, "1.2.840.10008.1.2.1"),
    "a compressed frame of nothing": (lambda: huge(bytes(64)), RLELossless),
    "small code-blocks": (lambda: bomb("small code-blocks"), JPEG2000Lossless),
    "precincts of one sample": (lambda: bomb("precincts of one sample"), JPEG2000Lossless),
}
ACCEPTED = [
    "*/*",
    "application/dicom; transfer-syntax=*",
    f"application/dicom; transfer-syntax={RLELossless}",
    "application/octet-stream",
    'multipart/related; type="application/octet-stream"',
    'multipart/related; type="image/dicom-rle"',
    'multipart/related; type="image/jp2"',
    "application/dicom+json",
]
RESOURCES = ["", "/metadata", "/frames/1", "/frames/3,1,2", "/pixeldata", "/bulkdata", "/bulkdata/7FE00010"]


@pytest.mark.parametrize(("make", "syntax"), OBJECTS.values(), ids=OBJECTS)
def test_WADO_09_an_object_of_any_kind_is_given_or_refused(archive: LiveArchive, make: Any, syntax: str) -> None:
    dataset = make()
    assert archive.store(part10(dataset, syntax)).status_code in {200, 202}
    url = f"{archive.url}/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
    with archive.session() as session:
        for resource in RESOURCES:
            for accepted in ACCEPTED:
                start = time.monotonic()
                path = f"{url}/instances/{dataset.SOPInstanceUID}{resource}"
                with session.get(path, headers={"Accept": accepted}, stream=True, timeout=SOON) as response:
                    assert response.status_code in {200, 404, 406}, (resource, accepted)
                    next(response.iter_content(MEBIBYTE), b"")  # who asks need not listen
                assert time.monotonic() - start < SOON, (resource, accepted)
