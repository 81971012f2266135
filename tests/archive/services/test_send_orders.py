"""Orders to send: what is in one, who may place it where, and what is left of it after its time."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from archive.errors import Deleted, DestinationClosed, NothingToSend, StudyNotFound, TooManyToSend
from archive.models import Destination, OrderedInstance, SendOrder, Tombstone
from archive.selectors import send_orders as found
from archive.services import send_orders
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> object:
    return get_user_model().objects.create_user("sender")


@pytest.fixture
def destination() -> Destination:
    return Destination.objects.create(name="Elsewhere", url="https://pacs.example.org")


def series(number: int, study: object = None) -> object:
    """A series of so many instances."""
    row = factories.series(study or factories.study())
    for place in range(number, 0, -1):
        factories.instance(row, instance_number=place)
    return row


def place(user: object, destination: Destination, *places: tuple[str, str | None], **options: bool) -> SendOrder:
    return send_orders.place(user, destination, places, **{"deidentified": False} | options)


def test_an_order_has_every_instance_of_its_studies_in_their_order(user, destination):
    first, second = series(3), series(2)
    uids = [row.study.study_instance_uid for row in (second, first)]

    order = place(user, destination, (uids[0], None), (uids[1], None), (uids[0], None))

    rows = list(OrderedInstance.objects.filter(order=order).order_by("pk"))
    expected = [row for of in (second, first) for row in of.instances.order_by("instance_number")]
    assert [row.sop_instance_uid for row in rows] == [row.sop_instance_uid for row in expected]
    assert [row.study_instance_uid for row in rows] == [uids[0]] * 2 + [uids[1]] * 3
    assert (order.total, order.state, order.sent, order.remaining) == (5, "waiting", 0, 5)


def test_an_order_may_have_some_series_of_a_study_only(user, destination):
    chosen = series(2)
    series(3, chosen.study)

    order = place(user, destination, (chosen.study.study_instance_uid, chosen.series_instance_uid))

    assert set(order.instances.values_list("series_instance_uid", flat=True)) == {chosen.series_instance_uid}
    assert order.total == 2


def test_nothing_is_ordered_when_one_of_the_studies_is_not_there(user, destination):
    there = series(1).study.study_instance_uid
    Tombstone.objects.create(study_instance_uid="1.2.4")

    for missing, error in (("1.2.3", StudyNotFound), ("1.2.4", Deleted)):
        with pytest.raises(error):
            place(user, destination, (there, None), (missing, None))
    with pytest.raises(NothingToSend):
        place(user, destination)

    assert not SendOrder.objects.exists()
    assert not OrderedInstance.objects.exists()


def test_an_order_has_a_bound(user, destination, monkeypatch):
    monkeypatch.setattr(send_orders, "MOST_INSTANCES", 2)
    uid = series(3).study.study_instance_uid

    with pytest.raises(TooManyToSend):
        place(user, destination, (uid, None))

    assert not OrderedInstance.objects.exists()


def test_a_destination_that_is_switched_off_or_takes_no_names_takes_no_such_order(user, destination):
    uid = series(1).study.study_instance_uid
    destination.deidentified_only = True
    with pytest.raises(DestinationClosed, match="what does not identify"):
        place(user, destination, (uid, None))

    assert place(user, destination, (uid, None), deidentified=True).deidentified

    destination.enabled = False
    with pytest.raises(DestinationClosed, match="switched off"):
        place(user, destination, (uid, None), deidentified=True)


def test_somebody_may_send_to_the_destinations_of_their_groups_and_to_those_for_all(user, destination):
    group = Group.objects.create(name="research")
    for name, groups in (("Research", [group]), ("Others", [Group.objects.create(name="others")]), ("Off", [])):
        Destination.objects.create(name=name, url="https://a.example", enabled=name != "Off").groups.set(groups)
    user.groups.add(group)
    manager = get_user_model().objects.create_superuser("manager")

    assert [row.name for row in found.destinations(user)] == ["Elsewhere", "Research"]
    assert [row.name for row in found.destinations(manager)] == ["Elsewhere", "Others", "Research"]


def test_only_what_has_ended_is_tried_again_and_only_what_goes_on_is_canceled(user, destination):
    uid = series(2).study.study_instance_uid
    order = place(user, destination, (uid, None))
    orders = SendOrder.objects.all()

    assert send_orders.retry(orders) == 0
    assert send_orders.cancel(orders) == 1
    assert send_orders.cancel(orders) == 0
    assert send_orders.retry(orders) == 1

    order.refresh_from_db()
    assert (order.state, order.ended_at) == ("waiting", None)
    orders.update(state="done", sent=2)
    assert send_orders.retry(orders) == 0


def test_a_canceled_order_stays_so_whatever_a_worker_says_afterwards(user, destination):
    order = place(user, destination, (series(1).study.study_instance_uid, None))
    send_orders.begin()
    send_orders.cancel(SendOrder.objects.all())

    for act in (send_orders.finish, send_orders.leave, send_orders.keep):
        act(order.pk)
    send_orders.put_off(order.pk, "It is away.")
    send_orders.give_up(order.pk, "It is away.")

    order.refresh_from_db()
    assert (order.state, order.problem) == ("canceled", "")
    assert not send_orders.attempt(order.pk)


def test_what_has_become_of_an_instance_is_counted_once(user, destination):
    order = place(user, destination, (series(2).study.study_instance_uid, None))
    first, second = order.instances.order_by("pk")
    sent = send_orders.Result(first.pk, OrderedInstance.State.SENT)

    assert send_orders.note(order.pk, [sent])
    assert not send_orders.note(order.pk, [sent, send_orders.Result(second.pk, OrderedInstance.State.WAITING, "Full.")])

    order.refresh_from_db()
    assert (order.sent, order.failed, order.remaining) == (1, 0, 1)


def test_old_orders_are_removed_but_not_those_under_way(user, destination, settings):
    settings.ARCHIVE_SENT_DAYS = 30
    uid = series(1).study.study_instance_uid
    orders = [place(user, destination, (uid, None)) for _ in range(3)]
    SendOrder.objects.filter(pk=orders[0].pk).update(state="done")
    SendOrder.objects.exclude(pk=orders[2].pk).update(ordered_at=timezone.now() - timedelta(days=31))

    assert send_orders.prune() == 1
    assert set(SendOrder.objects.values_list("pk", flat=True)) == {orders[1].pk, orders[2].pk}
    assert OrderedInstance.objects.count() == 2


def test_what_is_under_way_and_what_was_given_up_is_counted(user, destination):
    uid = series(1).study.study_instance_uid
    for state in ("waiting", "sending", "failed", "done"):
        place(user, destination, (uid, None))
        SendOrder.objects.filter(state="waiting", sent=0).update(state=state, sent=1)
    late = timezone.now() - timedelta(hours=1)
    SendOrder.objects.filter(state="waiting").update(due_at=late)

    sending = found.sending()

    assert (sending.orders, sending.failed) == (2, 1)
    assert sending.overdue_since == late

    Destination.objects.update(enabled=False)
    assert found.sending().overdue_since is None


def test_what_is_ordered_to_be_sent_is_in_the_audit_trail(user, destination, trail):
    uids = {series(1).study.study_instance_uid for _ in range(2)}

    order = place(user, destination, *((uid, None) for uid in uids))

    assert {event.study_instance_uid for event in trail(action="exported")} == uids
    assert {event.subject for event in trail(action="exported")} == {f"order {order.pk} to Elsewhere"}
