"""The pages of sending: for whom, where to, what is asked, and what they say of an order."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from archive.models import Destination, OrderedInstance, SendOrder
from archive.pages import sending
from archive.services import send_orders
from tests import factories
from tests.people import signed_in
from tests.storing import stored, stored_study

pytestmark = pytest.mark.django_db

URL = "/send"


@pytest.fixture
def sender() -> Client:
    return signed_in("sender", "viewers", "senders")


@pytest.fixture
def destination() -> Destination:
    return Destination.objects.create(name="<b>Elsewhere</b>", url="https://pacs.example.org")


def ordered(destination: Destination, name: str = "sender", *, instances: int = 2, **columns: object) -> SendOrder:
    """An order of somebody, as far as these columns say."""
    user, _ = get_user_model().objects.get_or_create(username=name)
    series = factories.series(factories.study(patient=factories.patient(patient_name="Zebra^Unique")))
    for number in range(instances):
        factories.instance(series, instance_number=number)
    order = send_orders.place(user, destination, [(series.study.study_instance_uid, None)], deidentified=False)
    SendOrder.objects.filter(pk=order.pk).update(**columns)
    return order


def text(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


# -- for whom --------------------------------------------------------------------


@pytest.mark.parametrize("address", [URL, "/sending/"])
def test_pages_are_for_who_may_send_what_they_may_see(viewer, sender, stranger, address):
    only_sender = signed_in("only", "senders")

    assert Client().get(address).status_code == 302
    assert [client.get(address).status_code for client in (viewer, stranger, only_sender, sender)] == [403] * 3 + [200]


def test_what_leads_there_is_for_who_may_send(viewer, sender):
    file = stored()
    for address in ("/", reverse("archive:study", args=[file.study])):
        assert 'href="/sending/"' in text(sender, address)
        assert 'href="/sending/"' not in text(viewer, address)
        assert '"/send' not in text(viewer, address)
    study = text(sender, reverse("archive:study", args=[file.study]))
    assert f"/send?study={file.study}&amp;series={file.series}" in study
    assert f"/send?study={file.study}" in study


def test_orders_are_seen_and_stopped_by_who_placed_them_and_by_who_manages_destinations(
    sender, administrator, destination
):
    order = ordered(destination, "somebody else")
    page = reverse("archive:send_order", args=[order.pk])

    assert sender.get(page).status_code == 404
    assert sender.post(f"{page}/cancel").status_code == 404
    assert page not in text(sender, "/sending/")
    assert page in text(administrator, "/sending/")
    assert administrator.post(f"{page}/cancel", follow=True).status_code == 200
    order.refresh_from_db()
    assert order.state == "canceled"


def test_what_changes_something_is_posted(sender, destination):
    page = reverse("archive:send_order", args=[ordered(destination).pk])

    assert sender.get(f"{page}/cancel").status_code == 405
    assert sender.get(f"{page}/retry").status_code == 405
    assert SendOrder.objects.get().state == "waiting"


# -- where to --------------------------------------------------------------------


def test_who_sends_sees_what_and_chooses_where_to(sender, destination):
    files = [stored(PatientName="Zebra^Unique"), stored()]
    asked = text(sender, f"{URL}?study={files[0].study}&study={files[1].study}")

    assert "Send 2 studies" in asked
    assert "2 objects" in asked
    assert "Zebra" in asked
    assert "<b>Elsewhere" not in asked
    assert "Zebra" not in asked.partition("</title>")[0]

    answer = sender.post(URL, {"study": [file.study for file in files], "destination": destination.pk})

    order = SendOrder.objects.get()
    assert answer["Location"] == reverse("archive:send_order", args=[order.pk])
    assert (order.total, order.user.get_username(), order.deidentified) == (2, "sender", False)


def test_series_are_sent_by_themselves(sender, destination):
    (first, *_), (other, *_) = stored_study([2, 3])

    asked = text(sender, f"{URL}?study={first.study}&series={first.series}")
    sender.post(URL, {"study": first.study, "series": first.series, "destination": destination.pk})

    assert "Send 1 series" in asked
    assert "2 objects" in asked
    assert other.series not in asked
    assert SendOrder.objects.get().total == 2


def test_without_what_identifies_the_patient(sender, destination):
    file = stored()

    sender.post(URL, {"study": file.study, "destination": destination.pk, "deidentified": "yes"})
    Destination.objects.update(deidentified_only=True)
    sender.post(URL, {"study": file.study, "destination": destination.pk})

    assert list(SendOrder.objects.values_list("deidentified", flat=True)) == [True, True]
    assert "always without" in text(sender, f"{URL}?study={file.study}")


def test_somebody_is_not_offered_the_destinations_of_others_nor_can_use_them(sender, destination):
    destination.groups.add(Group.objects.create(name="others"))
    file = stored()

    assert "There is no destination" in text(sender, f"{URL}?study={file.study}")
    answer = sender.post(URL, {"study": file.study, "destination": destination.pk})

    assert answer.status_code == 422
    assert not SendOrder.objects.exists()


@pytest.mark.parametrize("given", ["", "0", "x", "999999999999", "-1"])
def test_what_is_no_destination_is_said(sender, destination, given):
    file = stored()
    answer = sender.post(URL, {"study": file.study, "destination": given, "deidentified": "yes"})

    assert answer.status_code == 422
    assert sending.NOWHERE in answer.content.decode()
    assert "checked" in answer.content.decode()
    assert not SendOrder.objects.exists()


@pytest.mark.parametrize("studies", [[], ["1.2.3"], ["<script>"], ["\0"]])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_there_is_not_sent(sender, destination, method, studies):
    answer = getattr(sender, method)(URL, {"study": studies, "destination": destination.pk})

    assert answer.status_code == (200 if method == "get" else 422)
    assert "There is nothing to send" in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    assert not SendOrder.objects.exists()


def test_a_series_that_has_gone_is_said(sender, destination):
    file = stored()

    answer = sender.post(URL, {"study": file.study, "series": "1.2.3", "destination": destination.pk})

    assert answer.status_code == 422
    assert "There is no series 1.2.3" in answer.content.decode()
    for shown in (answer.content.decode(), text(sender, f"{URL}?study={file.study}&series={file.series}&series=1.2.3")):
        assert "There is nothing to send" in shown
        assert f'value="{file.study}"' not in shown, "the whole study is more than was asked for"


# -- what has become of it -------------------------------------------------------


def test_the_list_says_who_when_where_to_and_how_far(sender, administrator, destination):
    assert "Nothing has been sent yet" in text(sender, "/sending/")
    ordered(destination, sent=1)

    mine, everybody = text(sender, "/sending/"), text(administrator, "/sending/")

    assert "&lt;b&gt;Elsewhere" in mine
    assert "of 2 objects" in mine
    assert "Waiting" in mine
    assert "by sender" not in mine
    assert "by sender" in everybody
    assert "Zebra" not in everybody


def test_the_list_has_pages(sender, destination, monkeypatch):
    monkeypatch.setattr(sending, "ROWS", 2)
    for _ in range(3):
        ordered(destination, instances=1)

    assert text(sender, "/sending/").count('id="order-') == 2
    assert text(sender, "/sending/?page=2").count('id="order-') == 1
    assert text(sender, "/sending/?page=x").count('id="order-') == 2


@pytest.mark.parametrize(
    ("columns", "said", "offered"),
    [
        ({"state": "waiting"}, "Waiting", "cancel"),
        ({"state": "waiting", "attempts": 1, "problem": "It is away."}, "It is away.", "cancel"),
        ({"state": "sending"}, "Being sent", "cancel"),
        ({"state": "done", "sent": 2}, "Sent", None),
        ({"state": "done", "sent": 1, "failed": 1}, "Sent, except for 1", "retry"),
        ({"state": "failed", "problem": "It is shut."}, "It is shut.", "retry"),
        ({"state": "canceled"}, "Canceled", "retry"),
    ],
)
def test_an_order_says_how_far_it_is_and_what_can_be_done(sender, destination, columns, said, offered):
    page = reverse("archive:send_order", args=[ordered(destination, **columns).pk])

    whole, part = text(sender, page), text(sender, page, **{"HX-Request": "true"})

    for shown in (whole, part):
        assert said in shown
        assert {act for act in ("cancel", "retry") if f"{page}/{act}" in shown} == ({offered} if offered else set())
        assert ("every 2s" in shown) == (offered == "cancel")
    assert "Zebra" in whole
    assert "<html" not in part


def test_an_order_says_why_something_could_not_be_sent_and_what(sender, destination):
    order = ordered(destination, instances=8, state="done", failed=7, sent=1)
    OrderedInstance.objects.update(state="failed", reason="<i>Too large</i>")
    first = OrderedInstance.objects.order_by("pk")[0]
    OrderedInstance.objects.filter(pk=first.pk).update(state="known", reason="There.")

    shown = text(sender, reverse("archive:send_order", args=[order.pk]))

    assert "&lt;i&gt;Too large" in shown
    assert "7 objects" in shown
    assert "1 of them were there already" in shown
    assert "and others" in shown
    assert first.sop_instance_uid not in shown


def test_what_was_sent_and_deleted_since_is_named_by_its_uid(sender, destination):
    order = ordered(destination)
    uid = order.instances.first().study_instance_uid
    OrderedInstance.objects.update(study_instance_uid="1.2.3")

    shown = text(sender, reverse("archive:send_order", args=[order.pk]))

    assert "1.2.3" in shown
    assert "deleted since" in shown
    assert uid not in shown


def test_an_order_is_tried_again_and_canceled(sender, destination):
    order = ordered(destination, state="failed", problem="It is shut.")
    page = reverse("archive:send_order", args=[order.pk])

    assert sender.post(f"{page}/retry")["Location"] == page
    order.refresh_from_db()
    assert (order.state, order.problem) == ("waiting", "")
    sender.post(f"{page}/cancel")
    order.refresh_from_db()
    assert order.state == "canceled"


def test_an_order_outlives_who_placed_it(administrator, destination):
    order = ordered(destination, "somebody")
    get_user_model().objects.get(username="somebody").delete()

    assert "somebody who has left" in text(administrator, reverse("archive:send_order", args=[order.pk]))
    assert "somebody who has left" in text(administrator, "/sending/")


def test_the_list_takes_no_more_queries_for_more_orders(sender, destination, django_assert_max_num_queries):
    for _ in range(8):
        ordered(destination, instances=1)
    with django_assert_max_num_queries(8):
        text(sender, "/sending/")
