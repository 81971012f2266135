"""A client that dies in the middle of a store leaves nothing behind, and nothing of what it sent becomes visible."""

from collections.abc import Callable

import pytest
import requests
from pydicom import Dataset
from pydicom.uid import generate_uid

from tests.builders import instance, multipart, part10
from tests.faults.patience import eventually
from tests.flows.wire import Wire
from tests.live_archive import LiveArchive

#: More than the archive holds in memory, so that a part is on its way through a file when the client dies.
LARGE = {"Rows": 2048, "Columns": 2048, "PixelData": bytes(2 * 2048 * 2048)}

#: What the log says of an upload that broke off, when the archive has done with it.
BROKEN_OFF = "Request Timeout: /dicom-web/studies"

CUTS = {
    "in-the-first-part": lambda body: len(body) // 4,
    "after-the-first-part": lambda body: body.index(b"\r\n--boundary", len(body) // 4) + 2,
    "in-the-last-part": lambda body: len(body) - 1000,
    "before-the-last-byte-of-the-end": lambda body: len(body) - len("-\r\n"),
}


def two_instances(**elements: object) -> list[Dataset]:
    study = generate_uid()
    return [instance(StudyInstanceUID=study, **elements) for _ in range(2)]


def assert_nothing_remains(archive: LiveArchive, session: requests.Session, study: str, blobs_before: set[str]) -> None:
    assert eventually(lambda: not archive.incoming), "files of objects that never arrived"
    assert eventually(lambda: archive.blob_keys() == blobs_before), "blobs of objects that never arrived"
    assert session.get(f"{archive.url}/studies?StudyInstanceUID={study}").json() == []
    assert session.get(f"{archive.url}/studies/{study}").status_code == 404


def assert_new(answer: requests.Response) -> None:
    """Stored now, not found to be there already (STOW-66)."""
    assert (answer.status_code, "Location" in answer.headers) == (200, True)


@pytest.mark.parametrize("elements", [{}, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("die", [Wire.close, Wire.reset], ids=["closed", "reset"])
@pytest.mark.parametrize("chunked", [True, False], ids=["STOW-12-chunked", "STOW-12-with-length"])
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_nothing_of_an_upload_that_breaks_off_becomes_visible(
    archive: LiveArchive,
    session: requests.Session,
    cut: Callable[[bytes], int],
    chunked: bool,
    die: Callable[[Wire], None],
    elements: dict[str, object],
) -> None:
    datasets = two_instances(**elements)
    body, content_type = multipart([part10(dataset) for dataset in datasets])
    before = archive.blob_keys()
    send_and_die(archive, body, cut(body), content_type, chunked=chunked, die=die)
    assert_nothing_remains(archive, session, datasets[0].StudyInstanceUID, before)
    assert_new(archive.store(*map(part10, datasets)))


@pytest.mark.parametrize("die", [Wire.close, Wire.reset], ids=["closed", "reset"])
@pytest.mark.parametrize("chunked", [True, False], ids=["STOW-12-chunked", "STOW-12-with-length"])
def test_a_single_part_that_breaks_off_where_a_data_set_could_end_is_not_stored(
    archive: LiveArchive, session: requests.Session, chunked: bool, die: Callable[[Wire], None]
) -> None:
    """STOW-06: without its pixel data the object would be a legal one, were it not for the missing end of the body."""
    dataset = instance()
    content = part10(dataset)
    pixel_data = content.rindex(b"\xe0\x7f\x10\x00OW")
    before = archive.blob_keys()
    send_and_die(archive, content, pixel_data, "application/dicom", chunked=chunked, die=die)
    assert_nothing_remains(archive, session, dataset.StudyInstanceUID, before)
    assert_new(archive.store(content))


def send_and_die(
    archive: LiveArchive, body: bytes, stop: int, content_type: str, *, chunked: bool, die: Callable[[Wire], None]
) -> None:
    """Send the beginning of a body, and wait until the archive has noticed that there will be no more."""
    known = archive.output.count(BROKEN_OFF)
    wire = Wire(archive)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    wire.request("POST", "/studies", f"Content-Type: {content_type}", length)
    if chunked:
        wire.send_chunks([body[:stop]])
    else:
        wire.send(body[:stop])
    die(wire)
    assert eventually(lambda: archive.output.count(BROKEN_OFF) > known)
