"""P16: behind a reverse proxy every URL of an answer is one that its client can use; nobody else can steer them."""

import re
from collections.abc import Iterator

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


XML = 'multipart/related; type="application/dicom+xml"'
#: A URL in bytes: in the header of a part, in JSON, or in XML of the Native DICOM Model or of WADL.
URL = re.compile(rb'https?://(?!dicom\.nema\.org/|wadl\.dev\.java\.net/)[^\s"<]+')


def urls_of_answers(archive: LiveArchive, headers: dict[str, str]) -> list[str]:
    """Every URL in the answers to stores, to searches, and to requests for metadata, for the object and its parts."""
    dataset = instance()
    with archive.session() as session:
        session.headers.update(headers)
        return [
            url
            for response in (
                _store(session, archive, dataset, "application/dicom+json"),
                _store(session, archive, instance(), "application/dicom+xml"),
                *_reads(session, archive, dataset),
            )
            for url in _urls(response)
        ]


def _store(session: requests.Session, archive: LiveArchive, dataset: Dataset, accept: str) -> requests.Response:
    body, content_type = multipart([part10(dataset)])
    headers = {"Content-Type": content_type, "Accept": accept}
    return session.post(f"{archive.url}/studies", data=body, headers=headers)


def _reads(session: requests.Session, archive: LiveArchive, dataset: Dataset) -> Iterator[requests.Response]:
    study = f"{archive.url}/studies/{dataset.StudyInstanceUID}"
    series = f"{study}/series/{dataset.SeriesInstanceUID}"
    one = f"{series}/instances/{dataset.SOPInstanceUID}"
    yield session.get(f"{archive.url}/studies?StudyInstanceUID={dataset.StudyInstanceUID}")
    yield session.get(f"{study}/series")
    yield session.get(f"{series}/instances")
    yield session.get(f"{series}/instances", headers={"Accept": XML})
    yield session.get(f"{study}/metadata")
    yield session.get(f"{study}/metadata", headers={"Accept": XML})
    yield session.get(study)
    yield session.get(f"{one}/frames/1")
    yield session.get(f"{one}/bulkdata/7FE00010")


def _urls(response: requests.Response) -> list[str]:
    assert response.status_code == 200
    found = [value for name, value in response.headers.items() if name in {"Location", "Content-Location"}]
    found += [url.decode("ascii") for url in URL.findall(response.content)]
    assert found, f"no URL in the answer to {response.url}"
    return found


def base_of_capabilities(archive: LiveArchive, headers: dict[str, str], accept: str) -> str:
    with archive.session() as session:
        response = session.options(f"{archive.url}/studies", headers=headers | {"Accept": accept})
    match = re.search(r'base"?[=:]\s*"([^"]+)"', response.text)
    assert match, response.text
    return match[1]


def test_urls_are_what_a_trusted_proxy_says(proxied: LiveArchive) -> None:
    urls = urls_of_answers(proxied, FORWARDED)
    assert [url for url in urls if not url.startswith(f"{OUTSIDE}/studies/")] == []


@pytest.mark.parametrize("accept", ["application/vnd.sun.wadl+xml", "application/json"])
def test_capabilities_are_of_the_root_that_a_trusted_proxy_says(proxied: LiveArchive, accept: str) -> None:
    assert base_of_capabilities(proxied, FORWARDED, accept) == f"{OUTSIDE}/"
    assert base_of_capabilities(proxied, {}, accept) == f"{proxied.url}/"


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
    assert base_of_capabilities(archive, forwarded, "application/json") == f"{archive.url}/"


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
        base = base_of_capabilities(archive, {}, "application/json")
        page = requests.get(f"{archive.root}/viewer/", allow_redirects=False, timeout=60)
    assert [url for url in urls if not url.startswith(f"{OUTSIDE}/studies/")] == []
    assert base == f"{OUTSIDE}/"
    assert re.fullmatch(r"/pacs/.*\?next=/pacs/viewer/", page.headers["Location"])
