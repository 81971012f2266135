"""URLs in answers, as the client sees them from where it is (P16)."""

import pytest
from django.test import RequestFactory
from django.urls import set_script_prefix

from dicomweb.links import Links


@pytest.fixture(autouse=True)
def _no_prefix_afterwards():
    yield
    set_script_prefix("/")


def links(prefix: str = "", **environ: str) -> Links:
    """As for a request that came through a proxy with this path prefix: Django notes it before the view."""
    set_script_prefix(f"{prefix}/")
    return Links.of(RequestFactory().get("/dicom-web/studies", SCRIPT_NAME=prefix, **environ))


def test_urls_are_absolute_and_of_the_host_that_was_asked():
    found = links(HTTP_HOST="localhost:8000")

    assert found.study("1") == "http://localhost:8000/dicom-web/studies/1"
    assert found.series("1", "2") == "http://localhost:8000/dicom-web/studies/1/series/2"
    assert found.instance("1", "2", "3") == "http://localhost:8000/dicom-web/studies/1/series/2/instances/3"


def test_urls_have_the_scheme_and_the_prefix_that_a_proxy_told():
    found = links("/archive", **{"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"})

    assert found.study("1") == "https://localhost/archive/dicom-web/studies/1"


@pytest.mark.parametrize("prefix", ["", "/archive", "/inside"])
def test_the_public_url_is_used_wherever_the_request_came_from(settings, prefix):
    settings.ARCHIVE_PUBLIC_URL = "https://pacs.example/archive"

    assert links(prefix, HTTP_HOST="localhost").study("1") == "https://pacs.example/archive/dicom-web/studies/1"


def test_a_host_that_is_not_ours_is_refused_with_a_reason(client):
    response = client.get("/dicom-web/studies", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "ARCHIVE_ALLOWED_HOSTS" in response.json()["message"]
    assert "evil.example" not in response.content.decode()


def test_a_workitem_and_the_event_channel_of_an_ae():
    """UPS-A10-5"""
    found = links(HTTP_HOST="localhost")
    behind_tls = links("/archive", **{"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"})

    assert found.workitem("1.2") == "http://localhost/dicom-web/workitems/1.2"
    assert found.event_channel("RIS") == "ws://localhost/dicom-web/subscribers/RIS"
    assert behind_tls.event_channel("A/B 1") == "wss://localhost/archive/dicom-web/subscribers/A%2FB%201"
