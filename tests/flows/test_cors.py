"""P40: what a browser sees of an archive on another origin, over a real socket."""

from collections.abc import Iterator

import pytest
import requests

from tests.live_archive import LiveArchive, live_archive

VIEWER = "https://viewer.example.org"
PREFLIGHT = {
    "Origin": VIEWER,
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "accept, authorization, content-type",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    with live_archive(tmp_path_factory.mktemp("cors"), ARCHIVE_CORS_ORIGINS=VIEWER) as archive:
        yield archive


def allowed(response: requests.Response) -> str | None:
    return response.headers.get("Access-Control-Allow-Origin")


def test_OTH_06_a_preflight_needs_no_sign_in(shared: LiveArchive) -> None:
    response = requests.options(f"{shared.url}/studies", headers=PREFLIGHT, timeout=30)

    assert (response.status_code, response.content, allowed(response)) == (200, b"", VIEWER)
    headers = response.headers["Access-Control-Allow-Headers"]
    assert {"accept", "authorization", "content-type"} <= {name.strip() for name in headers.split(",")}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/studies", {}, 200),
        ("/studies?limit=x", {}, 400),
        ("/studies", {"Host": "evil.example.org"}, 400),
        ("/studies", {"Authorization": "Token no"}, 401),
        ("/studies/1.2.3", {}, 404),
        ("/nonsense", {}, 404),
        ("/studies", {"Accept": "image/jpeg"}, 406),
    ],
)
def test_OTH_07_every_answer_may_be_read_by_the_page(
    shared: LiveArchive, path: str, headers: dict[str, str], status: int
) -> None:
    with shared.session() as session:
        response = session.get(shared.url + path, headers={"Origin": VIEWER} | headers)

    assert (response.status_code, allowed(response)) == (status, VIEWER)
    exposed = response.headers["Access-Control-Expose-Headers"]
    assert {"Content-Location", "Warning", "ETag"} <= {name.strip() for name in exposed.split(",")}


def test_by_default_no_page_may_read_anything(archive: LiveArchive) -> None:
    with archive.session() as session:
        response = session.get(f"{archive.url}/studies", headers={"Origin": VIEWER})
    preflight = requests.options(f"{archive.url}/studies", headers=PREFLIGHT, timeout=30)

    assert response.status_code == 200
    assert allowed(response) is allowed(preflight) is None
