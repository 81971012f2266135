"""Downloads by people, over a real socket: resumed, and broken off when an object is lost meanwhile."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from http.client import IncompleteRead

import pytest
import requests
from pydicom import Dataset
from pydicom.uid import generate_uid

from tests.builders import instance, part10
from tests.live_archive import LiveArchive, live_archive

SIDE = 700  # pixels of 16 bits: nearly a mebibyte


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """One of its own, because an object of it gets lost."""
    with live_archive(tmp_path_factory.mktemp("downloads")) as archive:
        yield archive


@pytest.fixture
def person(archive: LiveArchive) -> Iterator[requests.Session]:
    """A browser of the administrator whom the first start made."""
    password = re.search(r"password\s+(\S+)", archive.output)
    assert password
    with requests.Session() as session:
        session.trust_env = False
        url = f"{archive.root}/admin/login/"
        session.get(url, timeout=30)
        form = {"username": "admin", "password": password[1], "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        assert session.post(url, data=form, timeout=30, allow_redirects=False).status_code == 302
        yield session


def stored_study(archive: LiveArchive, count: int) -> list[Dataset]:
    study = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    pixels = {"Rows": SIDE, "Columns": SIDE, "PixelData": bytes(2 * SIDE * SIDE)}
    datasets = [instance(**study, **pixels, InstanceNumber=number) for number in range(count)]
    assert archive.store(*map(part10, datasets)).status_code == 200
    return datasets


def url_of(archive: LiveArchive, dataset: Dataset) -> str:
    return f"{archive.root}/studies/{dataset.StudyInstanceUID}/zip"


def test_a_download_that_was_interrupted_goes_on(archive, person):
    url = url_of(archive, stored_study(archive, 3)[0])
    with person.get(url, stream=True, timeout=30) as response:
        first = response.raw.read(1_234_567)
        whole = int(response.headers["Content-Length"])
    headers = {"Range": f"bytes={len(first)}-", "If-Range": response.headers["ETag"]}
    rest = person.get(url, headers=headers, timeout=30)

    assert rest.status_code == 206
    assert len(first) + len(rest.content) == whole
    assert zipfile.ZipFile(io.BytesIO(first + rest.content)).testzip() is None
    digest = hashlib.sha256(first + rest.content).digest()
    assert hashlib.sha256(person.get(url, timeout=30).content).digest() == digest


def test_a_download_in_which_an_object_is_lost_is_broken_off(archive, person):
    *_, last = datasets = stored_study(archive, 3)
    archive.blobs().delete(archive.blob_of(part10(last)))
    with person.get(url_of(archive, datasets[0]), stream=True, timeout=30) as response:
        assert response.status_code == 200
        with pytest.raises((IncompleteRead, requests.exceptions.ChunkedEncodingError)):
            _ = response.content
