"""MP-10, P18: an object far larger than what the archive may hold in memory goes in and comes out again."""

import hashlib
import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from struct import pack

import pytest
import requests
from pydicom import Dataset, dcmread
from pydicom.uid import RLELossless, generate_uid

from tests.builders import instance, part10
from tests.live_archive import LiveArchive, live_archive

MEBIBYTE = 1 << 20
FRAMES, ROWS, COLUMNS = 300, 1024, 512  # of 16 bits: a frame is one mebibyte
GROWTH = 100 * MEBIBYTE
OCTETS = "application/octet-stream"


def frame(number: int) -> bytes:
    """The pixels of a frame, all of the value of its number."""
    return pack("<H", number) * (ROWS * COLUMNS)


def pixels() -> Iterator[bytes]:
    return map(frame, range(1, FRAMES + 1))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive whose memory nobody else uses, and whose large object is in nobody's way."""
    with live_archive(tmp_path_factory.mktemp("memory")) as archive:
        yield archive


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return instance(Rows=ROWS, Columns=COLUMNS, NumberOfFrames=FRAMES, PixelData=None)


def large_object(dataset: Dataset) -> Iterator[bytes]:
    """The object in pieces, so that the test does not hold it either."""
    element = pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, FRAMES * MEBIBYTE)
    return chain([part10(dataset) + element], pixels())


def digest(pieces: Iterator[bytes]) -> str:
    hasher = hashlib.sha256()
    for piece in pieces:
        hasher.update(piece)
    return hasher.hexdigest()


@pytest.fixture(autouse=True)
def _memory_stays_flat(archive: LiveArchive) -> Iterator[None]:
    """From a fresh high-water mark on."""
    Path(f"/proc/{archive.pid}/clear_refs").write_text("5")
    before = resident(archive, "VmRSS")
    yield
    assert resident(archive, "VmHWM") - before < GROWTH


def resident(archive: LiveArchive, measure: str) -> int:
    status = Path(f"/proc/{archive.pid}/status").read_text()
    (kilobytes,) = re.findall(rf"{measure}:\s+(\d+) kB", status)
    return int(kilobytes) * 1024


@pytest.fixture(scope="module")
def session(archive: LiveArchive) -> Iterator[requests.Session]:
    with archive.session() as session:
        yield session


@pytest.fixture(scope="module")
def study(archive: LiveArchive, dataset: Dataset) -> str:
    return f"{archive.url}/studies/{dataset.StudyInstanceUID}"


@pytest.fixture
def stored(archive: LiveArchive, session: requests.Session, dataset: Dataset, study: str) -> str:
    """The URL of the stored instance."""
    url = f"{study}/series/{dataset.SeriesInstanceUID}/instances/{dataset.SOPInstanceUID}"
    if session.head(f"{url}/metadata").status_code == 404:
        head = b"--b\r\nContent-Type: application/dicom\r\n\r\n"
        answer = session.post(
            study,
            data=chain([head], large_object(dataset), [b"\r\n--b--\r\n"]),
            headers={"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'},
        )
        assert answer.status_code == 200
    return url


def test_a_large_object_is_stored_and_comes_back_whole(
    session: requests.Session, stored: str, dataset: Dataset
) -> None:
    with session.get(stored, stream=True) as response:
        assert response.status_code == 200
        assert digest(only_part(response)) == digest(large_object(dataset))


def test_WADO_09_a_large_object_is_compressed_and_decoded_frame_by_frame(
    archive: LiveArchive, session: requests.Session, stored: str, dataset: Dataset
) -> None:
    """MP-10: as much of it is in memory as of any other."""
    response = session.get(stored, headers={"Accept": f"application/dicom; transfer-syntax={RLELossless}"})
    assert response.status_code == 200
    compressed = dcmread(BytesIO(response.content))
    compressed.SOPInstanceUID = compressed.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    written = BytesIO()
    compressed.save_as(written)
    assert archive.store(written.getvalue()).status_code == 200

    url = f"{stored.rpartition('/')[0]}/{compressed.SOPInstanceUID}"
    with session.get(f"{url}/bulkdata/7FE00010", headers={"Accept": OCTETS}, stream=True) as value:
        assert digest(value.iter_content(MEBIBYTE)) == digest(pixels())
    with session.get(url, headers={"Accept": "application/dicom"}, stream=True) as whole:
        assert digest(without_head(whole, FRAMES * MEBIBYTE)) == digest(pixels())


def without_head(response: requests.Response, length: int) -> Iterator[bytes]:
    """The last `length` bytes of an answer."""
    skipped = int(response.headers["Content-Length"]) - length
    for piece in response.iter_content(MEBIBYTE):
        yield piece[skipped:]
        skipped = max(0, skipped - len(piece))


def only_part(response: requests.Response) -> Iterator[bytes]:
    """The payload of an answer of one part."""
    pieces = response.iter_content(MEBIBYTE)
    head, _, first = next(pieces).partition(b"\r\n\r\n")
    (length,) = map(int, re.findall(rb"Content-Length: (\d+)", head))
    for piece in chain([first], pieces):
        yield piece[:length]
        length -= len(piece[:length])


def test_one_frame_of_a_large_object_is_one_frame(session: requests.Session, stored: str) -> None:
    response = session.get(f"{stored}/frames/{FRAMES}", headers={"Accept": "application/octet-stream"})
    assert response.content == frame(FRAMES)


def test_a_range_of_its_pixel_data_is_those_bytes(session: requests.Session, stored: str) -> None:
    """WADO-66"""
    (metadata,) = session.get(f"{stored}/metadata").json()
    start = (FRAMES - 10) * MEBIBYTE - 2
    wanted = {"Accept": "application/octet-stream", "Range": f"bytes={start}-{start + 3}"}
    response = session.get(metadata["7FE00010"]["BulkDataURI"], headers=wanted)
    assert response.status_code == 206
    assert response.content == frame(FRAMES - 10)[-2:] + frame(FRAMES - 9)[:2]


def test_a_large_object_is_deidentified_while_it_is_sent(
    session: requests.Session, archive: LiveArchive, stored: str, dataset: Dataset
) -> None:
    """OTH-15"""
    query = {
        "requestType": "WADO",
        "studyUID": dataset.StudyInstanceUID,
        "seriesUID": dataset.SeriesInstanceUID,
        "objectUID": dataset.SOPInstanceUID,
        "contentType": "application/dicom",
        "anonymize": "yes",
    }
    with session.get(f"{archive.url}/wado", params=query, stream=True) as response:
        assert response.status_code == 200
        pieces = response.iter_content(MEBIBYTE)
        first = next(pieces) + next(pieces) + next(pieces)  # the head is a chunk of its own, and so is the header
        head, element, rest = first.partition(pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, FRAMES * MEBIBYTE))
        assert element
        assert dataset.SOPInstanceUID.encode() not in head
        assert digest(chain([rest], pieces)) == digest(pixels())
