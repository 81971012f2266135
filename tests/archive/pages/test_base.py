"""What every page has: who sees it, where it leads, and what browsers let it do."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests.people import signed_in

pytestmark = pytest.mark.django_db


def links(client: Client) -> set[str]:
    page = client.get("/").content.decode()
    return {href for href in ("/", "/admin/") if f'class="nav-link" href="{href}"' in page}


def test_a_page_asks_to_sign_in_and_comes_back(client):
    get_user_model().objects.create_superuser("admin", password="correct horse")
    asked = client.get("/?modality=CT")
    assert asked.status_code == 302
    assert asked["Location"] == "/login/?next=/%3Fmodality%3DCT"

    form = client.get(asked["Location"])
    assert form.status_code == 200
    response = client.post("/login/", {"username": "admin", "password": "correct horse", "next": form.context["next"]})

    assert response["Location"] == "/?modality=CT"


def test_a_wrong_password_is_said_and_not_repeated(client):
    page = client.post("/login/", {"username": "<b>nobody</b>", "password": "battery staple"}).content.decode()

    assert 'role="alert"' in page
    assert "battery staple" not in page
    assert "<b>nobody" not in page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_the_sign_in(client, elsewhere):
    get_user_model().objects.create_superuser("admin", password="correct horse")

    response = client.post("/login/", {"username": "admin", "password": "correct horse", "next": elsewhere})

    assert response["Location"] == "/"


def test_signing_out_takes_a_form_and_ends_the_session(viewer):
    assert viewer.get("/logout/").status_code == 405
    assert viewer.post("/logout/")["Location"] == "/login/"
    assert viewer.get("/").status_code == 302


def test_a_part_of_a_page_has_the_page_loaded_again_when_the_session_is_over(client):
    response = client.get("/", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response["HX-Refresh"] == "true"


def test_who_may_not_see_a_page_is_told_so_and_can_sign_out(stranger):
    response = stranger.get("/")

    assert response.status_code == 403
    assert b"You may not see this" in response.content
    assert b'action="/logout/"' in response.content


@pytest.mark.parametrize(
    ("groups", "first"),
    [(("performers",), "/worklist/"), (("uploaders", "performers"), None), (("viewers",), None)],
    ids=["the worklist", "studies before all", "studies"],
)
def test_the_sign_in_leads_to_what_somebody_may_see(groups, first):
    response = signed_in("anna", *groups).get("/")

    assert (response.status_code, response.get("Location")) == ((302, first) if first else (200, None))


def test_who_may_only_store_begins_with_the_upload(stranger):
    user = get_user_model().objects.get(username="stranger")
    user.user_permissions.add(Permission.objects.get(codename="add_instance"))

    assert stranger.get("/")["Location"] == "/upload/"
    assert stranger.get("/", headers={"HX-Request": "true"}).status_code == 403


def test_the_navigation_has_what_somebody_may_see(viewer, administrator, stranger):
    assert links(viewer) == {"/"}
    assert links(administrator) == {"/", "/admin/"}
    assert links(stranger) == set()


@pytest.mark.parametrize("path", ["/", "/login/", "/admin/", "/nowhere"])
def test_browsers_run_and_load_what_the_archive_has_and_nothing_that_is_written_into_a_page(administrator, path):
    response = administrator.get(path, headers={"Accept": "text/html"})
    policy = response["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
    assert "//" not in page.replace("http://www.w3.org", "").replace("<!--", "").split("<body", 1)[0]


def test_pages_are_not_kept_by_browsers(viewer):
    assert viewer.get("/")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/nowhere", "/studies/not-a-uid"])
def test_people_get_a_page_for_what_is_not_there_and_programs_a_report(viewer, path):
    page = viewer.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    report = viewer.get(path, headers={"Accept": "*/*"})

    assert (page.status_code, report.status_code) == (404, 404)
    assert b"To the studies" in page.content
    assert report.json()["status"] == 404


def test_dicomweb_keeps_its_own_reports(viewer):
    response = viewer.get("/dicom-web/nowhere", headers={"Accept": "text/html"})

    assert response.status_code == 404
    assert b"To the studies" not in response.content
    assert "Content-Security-Policy" not in response


def test_a_failure_is_a_page_that_needs_neither_session_nor_database(viewer, monkeypatch):
    viewer.raise_request_exception = False
    monkeypatch.setattr("django.contrib.auth.middleware.get_user", lambda request: 1 / 0)

    response = viewer.get("/", headers={"Accept": "text/html"})

    assert response.status_code == 500
    assert b"has been logged" in response.content


def test_a_form_without_its_token_is_refused_with_advice():
    client = Client(enforce_csrf_checks=True)

    response = client.post("/login/", {"username": "admin", "password": "x"})

    assert response.status_code == 403
    assert b"load the page again" in response.content


def test_a_host_that_is_not_ours_is_refused_with_a_page(client):
    response = client.get("/", headers={"Host": "evil.example", "Accept": "text/html"})

    assert response.status_code == 400
    assert b"ARCHIVE_ALLOWED_HOSTS" in response.content
