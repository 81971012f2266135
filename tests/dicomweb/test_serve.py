"""`manage.py serve`: the first administrator, once, and what is served. No server is started here."""

import io
import re
import signal

import pytest
import uvicorn
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(monkeypatch) -> list[dict[str, object]]:
    """What uvicorn was told to serve, instead of serving it."""
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(uvicorn, "run", lambda application, **options: calls.append({"app": application, **options}))
    return calls


@pytest.fixture(autouse=True)
def _signals_are_left_as_they_are():
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


def serve(*arguments: str) -> str:
    out = io.StringIO()
    call_command("serve", "--web-only", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("served")
def test_the_first_start_shows_an_administrator_whose_password_and_token_work(client):
    said = serve()

    user, password, token = (re.search(rf"{name}\s+(\S+)", said)[1] for name in ("sign-in", "password", "API token"))
    assert len(password) >= 16
    assert client.login(username=user, password=password)
    assert client.get("/admin/").status_code == 200
    assert Client().get("/dicom-web/studies", headers={"authorization": f"Token {token}"}).status_code == 200


@pytest.mark.usefixtures("served")
def test_a_later_start_shows_and_makes_nothing():
    first = serve()
    again = serve()

    assert "password" in first
    assert "password" not in again
    assert "Token" not in again
    assert get_user_model().objects.count() == AuthToken.objects.count() == 1


@pytest.mark.usefixtures("served")
def test_an_archive_that_has_an_administrator_makes_none():
    get_user_model().objects.create_superuser("somebody")

    assert "password" not in serve()
    assert get_user_model().objects.count() == 1


def test_it_serves_where_the_settings_say_without_a_log_of_queries(served, settings):
    settings.ARCHIVE_HOST, settings.ARCHIVE_PORT = "0.0.0.0", 8042

    said = serve("--workers", "3")

    (options,) = served
    assert (options["app"], options["host"], options["port"]) == ("config.asgi:application", "0.0.0.0", 8042)
    assert options["workers"] == 3
    assert options["access_log"] is False
    assert options["proxy_headers"] is False
    assert "8042" in said
