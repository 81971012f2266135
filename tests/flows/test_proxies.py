"""P16: behind a reverse proxy every URL of an answer is one that its client can use; nobody else can steer them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pydicom import Dataset

from tests.builders import instance, multipart, part10
from tests.live_archive import LiveArchive, live_archive

HOST = "images.example.org"
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST, "X-Forwarded-Prefix": "/pacs"}
OUTSIDE = f"https://{HOST}/pacs/dicom-web"


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive that trusts a proxy on its own machine."""
    folder = tmp_path_factory.mktemp("proxied")
    with live_archive(folder, ARCHIVE_TRUSTED_PROXIES="127.0.0.1", ARCHIVE_ALLOWED_HOSTS=HOST) as archive:
        yield archive


def urls_of_answers(archive: LiveArchive, headers: dict[str, str]) -> list[str]:
    """Every URL in the answers to a store, to searches, and to requests for metadata and for the object."""
    dataset = instance()
    with archive.session() as session:
        session.headers.update(headers)
        return [
            url
            for response in (_store(session, archive, dataset), *_reads(session, archive, dataset))
            for url in _urls(response)
        ]


def _store(session: requests.Session, archive: LiveArchive, dataset: Dataset) -> requests.Response:
    body, content_type = multipart([part10(dataset)])
    return session.post(f"{archive.url}/studies", data=body, headers={"Content-Type": content_type})


def _reads(session: requests.Session, archive: LiveArchive, dataset: Dataset) -> Iterator[requests.Response]:
    study = f"{archive.url}/studies/{dataset.StudyInstanceUID}"
    series = f"{study}/series/{dataset.SeriesInstanceUID}"
    yield session.get(f"{archive.url}/studies?StudyInstanceUID={dataset.StudyInstanceUID}")
    yield session.get(f"{study}/series")
    yield session.get(f"{series}/instances")
    yield session.get(f"{study}/metadata")
    yield session.get(study)
    yield session.get(f"{series}/instances/{dataset.SOPInstanceUID}/frames/1")


def _urls(response: requests.Response) -> list[str]:
    assert response.status_code == 200
    found = [value for name, value in response.headers.items() if name in {"Location", "Content-Location"}]
    if response.headers["Content-Type"] == "application/dicom+json":
        found += _urls_in(response.json())
    else:
        found += re.findall(r"Content-Location: (\S+)", response.content.decode("latin-1"))
    assert found, f"no URL in the answer to {response.url}"
    return found


def _urls_in(document: Any) -> list[str]:
    """RetrieveURLs and BulkDataURIs at any depth of DICOM JSON."""
    match document:
        case str() if "://" in document:
            return [document]
        case dict():
            return [url for value in document.values() for url in _urls_in(value)]
        case list():
            return [url for value in document for url in _urls_in(value)]
    return []


def test_urls_are_what_a_trusted_proxy_says(proxied: LiveArchive) -> None:
    urls = urls_of_answers(proxied, FORWARDED)
    assert [url for url in urls if not url.startswith(f"{OUTSIDE}/studies/")] == []


def test_urls_are_what_the_standard_header_of_a_trusted_proxy_says(proxied: LiveArchive) -> None:
    """RFC 7239; it has no word for a prefix."""
    urls = urls_of_answers(proxied, {"Forwarded": f"for=192.0.2.1;proto=https;host={HOST}"})
    assert [url for url in urls if not url.startswith(f"https://{HOST}/dicom-web/studies/")] == []


def test_urls_through_a_trusted_proxy_lead_back_to_what_they_name(proxied: LiveArchive) -> None:
    """WADO-62: here the proxy passes the path on with its prefix."""
    inside = f"{proxied.root}/pacs/dicom-web"
    urls = urls_of_answers(proxied, FORWARDED)
    with proxied.session() as session:
        session.headers.update(FORWARDED)
        assert {session.get(url.replace(OUTSIDE, inside)).status_code for url in urls} == {200}


def test_nobody_else_can_steer_urls(archive: LiveArchive) -> None:
    forwarded = FORWARDED | {"Forwarded": f"proto=https;host={HOST}"}
    urls = urls_of_answers(archive, forwarded)
    assert [url for url in urls if not url.startswith(f"{archive.url}/studies/")] == []


@pytest.mark.parametrize("prefix", ["//evil.example.org", "/pacs/../..", "pacs", "/pa cs", "/<script>"])
def test_a_prefix_that_is_no_path_is_ignored(proxied: LiveArchive, prefix: str) -> None:
    urls = urls_of_answers(proxied, {"X-Forwarded-Prefix": prefix})
    assert [url for url in urls if not url.startswith(f"{proxied.url}/studies/")] == []


def test_a_host_that_is_not_the_archives_is_refused(proxied: LiveArchive) -> None:
    with proxied.session() as session:
        response = session.get(f"{proxied.url}/studies", headers={"X-Forwarded-Host": "evil.example.org"})
    assert response.status_code == 400


def test_the_public_url_goes_before_what_a_request_says(tmp_path_factory: pytest.TempPathFactory) -> None:
    with live_archive(tmp_path_factory.mktemp("public"), ARCHIVE_PUBLIC_URL=f"https://{HOST}/pacs") as archive:
        urls = urls_of_answers(archive, {})
    assert [url for url in urls if not url.startswith(f"{OUTSIDE}/studies/")] == []
