"""Destinations and orders in the admin: who manages them, what becomes of secrets, and what "try it" says."""

from collections.abc import Iterator

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from archive.models import Destination, SendOrder, Study
from archive.sealed import unseal
from archive.sending import client as http
from archive.services import send_orders
from tests.destination import DestinationServer, fails, hangs_up
from tests.people import signed_in
from tests.servers import free_port
from tests.storing import stored

pytestmark = pytest.mark.django_db

LIST = "/admin/archive/destination/"
FORM = {"name": "Elsewhere", "url": "https://pacs.example.org/dicom-web/", "sign_in": "none", "enabled": "on"}


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator", "admins", is_staff=True)


@pytest.fixture
def server() -> Iterator[DestinationServer]:
    with DestinationServer().running() as server:
        yield server
    http._pool("").clear()


def added(client: Client, **fields: str) -> Destination:
    response = client.post(f"{LIST}add/", FORM | fields)
    assert response.status_code == 302, response.context["errors"]
    return Destination.objects.get()


def problems(client: Client, address: str = f"{LIST}add/", **fields: str) -> str:
    response = client.post(address, FORM | fields)
    assert response.status_code == 200
    return str(response.context["errors"])


def take(client: Client, model: type, action: str, **options: object) -> HttpResponse:
    rows = list(model.objects.order_by("pk").values_list("pk", flat=True))
    data = {"action": action, "_selected_action": rows}
    return client.post(reverse(f"admin:archive_{model._meta.model_name}_changelist"), data, **options)


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in response.context["messages"])


@pytest.mark.parametrize("groups", [("viewers",), ("uploaders",), ("viewers", "senders")])
def test_destinations_are_for_who_manages_them(groups):
    client = signed_in("somebody", *groups, is_staff=True)

    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}add/", FORM).status_code == 403
    assert client.get("/admin/archive/sendorder/").status_code == 403


def test_a_destination_is_added(administrator):
    destination = added(administrator)

    assert destination.url == "https://pacs.example.org/dicom-web"
    assert destination.enabled
    assert "Elsewhere" in administrator.get(LIST).content.decode()


def test_a_secret_is_kept_sealed_and_not_shown_again(administrator, caplog):
    destination = added(administrator, sign_in="bearer", new_secret="SECRET")
    page = f"{LIST}{destination.pk}/change/"

    assert unseal(bytes(destination.secret)) == "SECRET"
    assert b"SECRET" not in bytes(destination.secret)
    for address in (page, LIST, f"{LIST}{destination.pk}/history/"):
        assert "SECRET" not in administrator.get(address).content.decode()
    assert "SECRET" not in str(list(LogEntry.objects.values())) + caplog.text


def test_a_secret_stays_until_another_one_is_entered_or_none_is_needed(administrator):
    destination = added(administrator, sign_in="bearer", new_secret="first")
    page, fields = f"{LIST}{destination.pk}/change/", FORM | {"sign_in": "bearer"}

    administrator.post(page, fields | {"name": "Other"})
    destination.refresh_from_db()
    assert (destination.name, unseal(bytes(destination.secret))) == ("Other", "first")

    administrator.post(page, fields | {"new_secret": "second"})
    destination.refresh_from_db()
    assert unseal(bytes(destination.secret)) == "second"

    administrator.post(page, fields | {"sign_in": "none"})
    destination.refresh_from_db()
    assert bytes(destination.secret) == b""


def test_a_secret_is_not_carried_to_another_address(administrator):
    destination = added(administrator, sign_in="bearer", new_secret="first")

    said = problems(administrator, f"{LIST}{destination.pk}/change/", sign_in="bearer", url="https://evil.example")

    assert "enter it again" in said
    destination.refresh_from_db()
    assert "pacs.example.org" in destination.url


def test_a_secret_is_not_carried_to_another_way_to_sign_in(administrator):
    """A password can have characters that no token has."""
    destination = added(administrator, sign_in="basic", user_name="archive", new_secret="pässword")

    assert "enter it again" in problems(administrator, f"{LIST}{destination.pk}/change/", sign_in="bearer")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"url": "ftp://pacs.example.org"}, "no address"),
        ({"url": "https://me:SECRET@pacs.example.org"}, "fields of their own"),
        ({"sign_in": "bearer"}, "needs one"),
        ({"sign_in": "bearer", "new_secret": "a\r\nX-Evil: b"}, "no token and no password"),
        ({"sign_in": "token", "new_secret": "pässword"}, "ASCII"),
        ({"sign_in": "basic", "new_secret": "x"}, "user name"),
        ({"sign_in": "basic", "new_secret": "x", "user_name": "a:b"}, "user name"),
    ],
)
def test_what_could_not_work_is_not_kept(administrator, fields, problem):
    assert problem in problems(administrator, **fields)
    assert not Destination.objects.exists()


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (fails(200), "lets this archive in"),
        (fails(204), "lets this archive in"),
        (fails(400), "lets this archive in"),
        (fails(409), "lets this archive in"),
        (fails(401), "refuses the sign-in"),
        (fails(403), "does not allow"),
        (fails(404), "no store service"),
        (fails(302, Location="https://evil.example"), "not followed"),
        (fails(500), "failed to work"),
        (fails(503), "no room or no time"),
        (hangs_up, "connection to the destination broke"),
    ],
)
def test_a_destination_is_tried_without_storing_anything(administrator, server, says, expected):
    server.script.append(says)
    added(administrator, url=server.url, sign_in="bearer", new_secret="abc")

    assert expected in said(take(administrator, Destination, "try_it", follow=True))

    (request,) = server.requests
    assert (request.path, request.files) == ("/dicom-web/studies", [])
    assert request.headers["Authorization"] == "Bearer abc"


def test_that_nobody_is_there_is_said_and_so_is_a_secret_that_cannot_be_read(administrator, settings):
    added(administrator, url=f"http://127.0.0.1:{free_port()}")
    assert "cannot be connected to" in said(take(administrator, Destination, "try_it", follow=True))

    Destination.objects.update(sign_in="bearer", secret=b"another key's")
    assert "entered again" in said(take(administrator, Destination, "try_it", follow=True))


# -- orders ----------------------------------------------------------------------


def test_orders_are_shown_canceled_and_tried_again(administrator):
    destination = added(administrator)
    user = get_user_model().objects.create_user("sender")
    order = send_orders.place(user, destination, [(stored().study, None)], deidentified=False)

    shown = administrator.get("/admin/archive/sendorder/").content.decode()
    assert "Elsewhere" in shown
    assert f'"/sending/{order.pk}"' in administrator.get(
        f"/admin/archive/sendorder/{order.pk}/change/"
    ).content.decode().replace("href=", "")
    assert "sendorder/?destination__id__exact" in administrator.get(LIST).content.decode()

    assert "1 are canceled" in said(take(administrator, SendOrder, "cancel", follow=True))
    assert "1 are tried again" in said(take(administrator, SendOrder, "retry", follow=True))
    order.refresh_from_db()
    assert order.state == "waiting"


def test_a_destination_that_was_sent_to_is_kept(administrator):
    destination = added(administrator)
    user = get_user_model().objects.create_user("sender")
    send_orders.place(user, destination, [(stored().study, None)], deidentified=False)

    administrator.post(f"{LIST}{destination.pk}/delete/", {"post": "yes"})

    assert Destination.objects.exists()


# -- studies ---------------------------------------------------------------------


@pytest.mark.parametrize(("action", "page"), [("send", "/send"), ("download_deidentified", "/zip/deidentified")])
def test_studies_lead_to_the_pages_for_them(administrator, action, page):
    files = [stored(), stored()]

    address, _, query = take(administrator, Study, action)["Location"].partition("?")

    assert address == page
    assert set(query.split("&")) == {f"study={file.study}" for file in files}
    assert administrator.get(f"{address}?{query}").status_code == 200


def test_who_may_not_send_is_not_offered_it():
    stored()
    viewer = signed_in("viewer", "viewers", is_staff=True)

    page = viewer.get("/admin/archive/study/").content.decode()

    assert '<option value="download_deidentified">' in page
    assert '<option value="send">' not in page
