"""Answers to pages of other origins (CORS, the Fetch standard): P40."""

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.builders import instance, part10
from tests.storing import stored

pytestmark = pytest.mark.django_db

VIEWER = "https://viewer.example.org"
STUDIES = "/dicom-web/studies"
EXPOSED = {"Content-Location", "Content-Range", "Warning", "ETag", "Location"}


@pytest.fixture(autouse=True)
def _viewer(settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [VIEWER]


def preflight(client: Client, path: str, method: str, *, origin: str = VIEWER) -> HttpResponse:
    headers = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "accept, authorization, content-type",
    }
    return client.options(path, headers=headers)


def words(response: HttpResponse, name: str) -> set[str]:
    return {word.strip() for word in response.get(name, "").split(",")}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/dicom-web", "/dicom-web/", STUDIES, f"{STUDIES}/1.2/metadata", "/dicom-web/nonsense"]
)
def test_OTH_06_a_preflight_is_answered_without_a_sign_in(path, method):
    """P40"""
    response = preflight(Client(), path, method)

    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Origin"] == VIEWER
    assert method in words(response, "Access-Control-Allow-Methods")
    assert {"accept", "authorization", "content-type", "range"} <= words(response, "Access-Control-Allow-Headers")


def test_OTH_06_options_that_are_no_preflight_are_answered_with_the_capabilities(archive):
    response = archive.options(STUDIES, headers={"origin": VIEWER})

    assert response["Content-Type"] == "application/vnd.sun.wadl+xml"
    assert response["Access-Control-Allow-Origin"] == VIEWER
    assert Client().options(STUDIES, headers={"origin": VIEWER}).status_code == 401


def test_OTH_07_every_answer_may_be_read_with_its_headers(archive):
    file = stored()
    store = archive.post(STUDIES, part10(instance()), content_type="application/dicom", headers={"origin": VIEWER})
    ranged = archive.get(
        f"{file.path}/bulkdata/7FE00010",
        headers={"origin": VIEWER, "accept": "application/octet-stream", "range": "bytes=0-0"},
    )
    assert (store.status_code, ranged.status_code) == (200, 206)

    for response in (store, ranged, archive.get(f"{file.path}/metadata", headers={"origin": VIEWER})):
        assert response["Access-Control-Allow-Origin"] == VIEWER
        assert words(response, "Access-Control-Expose-Headers") >= EXPOSED
        assert "Access-Control-Allow-Credentials" not in response
        assert "origin" in response["Vary"].lower()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"{STUDIES}?limit=x", {}, 400),
        (STUDIES, {"host": "evil.example.org"}, 400),
        (STUDIES, {"authorization": "Token no"}, 401),
        (f"{STUDIES}/1.2.3", {}, 404),
        ("/dicom-web/nonsense", {}, 404),
        (STUDIES, {"accept": "image/jpeg"}, 406),
    ],
)
def test_OTH_07_errors_may_be_read_too(archive, path, headers, status):
    """P40: else the browser hides which error it was."""
    response = archive.get(path, headers={"origin": VIEWER} | headers)

    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == VIEWER


def test_OTH_07_a_bug_may_be_read_too(archive, monkeypatch):
    monkeypatch.setattr("dicomweb.views.metadata.locate.instances", None)

    response = archive.get(f"{STUDIES}/1.2.3/metadata", headers={"origin": VIEWER})

    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (500, VIEWER)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://viewer.example.org", f"{VIEWER}:444", f"{VIEWER}.evil.example", "null"]
)
def test_pages_of_other_origins_read_nothing(archive, origin):
    for response in (
        archive.get(STUDIES, headers={"origin": origin}),
        preflight(archive, STUDIES, "GET", origin=origin),
    ):
        assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_by_default_no_page_of_another_origin_reads_anything(archive, settings):
    settings.CORS_ALLOWED_ORIGINS = []

    assert "Access-Control-Allow-Origin" not in archive.get(STUDIES, headers={"origin": VIEWER})


def test_any_origin_never_means_any_origin_with_cookies(archive, settings):
    settings.CORS_ALLOW_ALL_ORIGINS = True

    response = archive.get(STUDIES, headers={"origin": "https://anybody.example"})

    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response


def test_pages_of_the_admin_are_read_by_no_other_origin(archive):
    assert "Access-Control-Allow-Origin" not in archive.get("/admin/login/", headers={"origin": VIEWER})
