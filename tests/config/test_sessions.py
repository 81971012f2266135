"""Sessions end some time after somebody was last there, whatever their pages look for meanwhile."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.people import signed_in

pytestmark = pytest.mark.django_db

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def reader() -> Client:
    return signed_in("reader", "viewers")


def minutes_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()) / timedelta(minutes=1)


def leave(minutes: float) -> None:
    """So long is left of the session."""
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=minutes))


@pytest.mark.parametrize("left", [1, 700, 20_000])
def test_who_opens_a_page_has_the_whole_time_again(reader, left):
    leave(left)

    assert reader.get("/", headers=BROWSER).status_code == 200

    assert 719 < minutes_left() <= 720


def test_who_changes_something_is_there(reader):
    leave(10)

    reader.post("/columns", {"column": "name"})

    assert minutes_left() > 719


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/arrivals", {"Accept": "*/*"}),
        ("/", {"Accept": "text/html, */*", "HX-Request": "true"}),
        ("/session", {"Accept": "*/*"}),
        ("/dicom-web/studies", {"Accept": "application/dicom+json"}),
    ],
)
def test_what_pages_look_for_by_themselves_does_not_keep_a_session(reader, path, headers):
    leave(10)

    assert reader.get(path, headers=headers).status_code == 200

    assert minutes_left() <= 10


def test_a_page_asks_how_long_it_lasts_and_says_that_somebody_is_there(reader):
    leave(2)

    assert 110 <= reader.get("/session").json()["left"] <= 120
    assert 43_190 <= reader.post("/session").json()["left"] <= 43_200
    assert 43_190 <= reader.get("/session").json()["left"] <= 43_200


def test_it_is_written_once_a_minute_at_most(reader, django_assert_num_queries):
    page = "/session"
    reader.get(page)

    with django_assert_num_queries(2):  # the session, and the person
        reader.post(page)


def test_a_session_that_has_ended_is_over(reader):
    leave(-1)

    assert reader.get("/session").status_code == 401
    assert reader.post("/session").status_code == 401
    assert reader.get("/", headers=BROWSER).status_code == 302


def test_nobody_brings_back_a_session_that_was_ended_meanwhile(reader, monkeypatch):
    leave(10)
    found = type(reader.session).renew
    monkeypatch.setattr(
        "config.sessions.SessionStore.renew", lambda self: (Session.objects.all().delete(), found(self))
    )

    assert reader.get("/", headers=BROWSER).status_code == 200

    assert not Session.objects.exists()


def test_pages_the_admin_and_the_viewer_warn_of_the_end_and_nobody_else_is_asked():
    administrator = signed_in("administrator", is_staff=True, is_superuser=True)

    for path in ("/", "/admin/", "/api/docs", "/upload/"):
        page = administrator.get(path, headers=BROWSER).content.decode()
        assert page.count('id="session"') == 1, path
        assert 'data-left="43' in page, path
    assert 'id="session"' not in Client().get("/login/").content.decode()


def test_the_cookie_is_the_browsers_for_as_long_as_it_is_open(client, django_user_model):
    django_user_model.objects.create_user("reader", password="correct horse")

    client.post("/login/", {"username": "reader", "password": "correct horse"})

    assert client.cookies["sessionid"]["max-age"] == ""
    assert client.cookies["sessionid"]["httponly"]
