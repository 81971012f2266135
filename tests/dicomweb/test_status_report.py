"""Status Reports (PS3.18 Section 8.6.3): in which form a failure is explained."""

from html import unescape

import pytest
from django.http import HttpRequest

from dicomweb.status_report import status_report
from tests.storing import stored

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
JSON, HTML, TEXT = "application/json", "text/html; charset=utf-8", "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param(None, JSON, id="WADO-24-no-accept"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("application/dicom+json", JSON, id="a-program"),
        pytest.param('multipart/related; type="application/dicom+xml"', JSON, id="a-program-that-takes-xml"),
        pytest.param("image/jpeg", JSON, id="neither"),
        pytest.param("application/json;q=0.1, text/*", HTML, id="qualities"),
        pytest.param(BROWSER, HTML, id="WADO-24-a-browser"),
        pytest.param("text/html", HTML, id="WADO-24-html"),
        pytest.param("text/plain", TEXT, id="text"),
        pytest.param(", ;;", JSON, id="nonsense"),
    ],
)
def test_OTH_11_a_failure_is_explained_in_a_form_that_the_client_shows(accept, content_type):
    request = HttpRequest()
    if accept is not None:
        request.META["HTTP_ACCEPT"] = accept

    response = status_report(request, 404, "There is no study 1.2.")

    assert (response.status_code, response["Content-Type"]) == (404, content_type)
    assert "There is no study 1.2." in response.content.decode()


def test_a_page_shows_the_message_as_text():
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = "text/html"

    page = status_report(request, 499, 'There is no <script>"x"</script>.').content.decode()

    assert "<script>" not in page
    assert 'There is no <script>"x"</script>.' in unescape(page)


@pytest.mark.parametrize("accept", [None, "text/html", "text/plain"])
def test_details_are_told_in_every_form(accept):
    request = HttpRequest()
    if accept is not None:
        request.META["HTTP_ACCEPT"] = accept

    response = status_report(request, 409, "A reason.", code="C310")

    content = response.content.decode()
    assert ('"code": "C310"' if accept is None else "code: C310") in content
    assert "A reason." in content


FAILURES = [
    pytest.param("/dicom-web/studies/1.2.3", {}, 404, id="unknown"),
    pytest.param("/dicom-web/nonsense", {}, 404, id="no-resource"),
    pytest.param("/nonsense", {}, 404, id="no-page"),
    pytest.param("/dicom-web/studies/$", {}, 400, id="no-uid"),
    pytest.param("/dicom-web/studies?accept=application/dicom%2Bjson&limit=x", {}, 400, id="query"),
    pytest.param("/dicom-web/studies?" + "&".join(["a=b"] * 1500), {}, 400, id="long-query"),
    pytest.param("/dicom-web/studies", {"host": "evil.example.org"}, 400, id="host"),
    pytest.param("/dicom-web/studies", {"authorization": "Token no"}, 401, id="token"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "headers", "status"), FAILURES)
@pytest.mark.parametrize(("accept", "content_type"), [(BROWSER, HTML), ("text/plain", TEXT)])
def test_OTH_11_WADO_24_every_failure_is_explained_in_that_form(archive, path, headers, status, accept, content_type):
    response = archive.get(path, headers={"accept": accept} | headers)

    assert (response.status_code, response["Content-Type"]) == (status, content_type)
    assert response.content.decode().strip()


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "headers", "status"), FAILURES)
def test_OTH_11_every_failure_is_explained_in_json_by_default(archive, path, headers, status):
    response = archive.get(path, headers=headers)

    assert (response.status_code, response["Content-Type"]) == (status, JSON)
    assert response.json()["status"] == status
    assert response.json()["message"]


@pytest.mark.django_db
def test_NEG_07_406_names_what_there_is_in_the_form_that_was_asked_for(archive):
    response = archive.get(stored().path, headers={"accept": "text/html"})

    assert (response.status_code, response["Content-Type"]) == (406, HTML)
    assert "application/dicom" in response.content.decode()


@pytest.mark.django_db
def test_OTH_11_OTH_17_a_bug_is_explained_in_that_form_without_a_word_about_it(archive, monkeypatch):
    def fail(*arguments: object) -> None:
        raise ValueError("Doe^Jane")

    monkeypatch.setattr("dicomweb.views.metadata.locate.instances", fail)

    response = archive.get("/dicom-web/studies/1.2/metadata", headers={"accept": BROWSER})

    assert (response.status_code, response["Content-Type"]) == (500, HTML)
    assert b"Doe" not in response.content
