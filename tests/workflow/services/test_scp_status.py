"""SCP Status Change: who is told of a restart, once."""

import orjson
import pytest

from tests.workflow.rows import step
from tests.worklist import application_entity as ae
from workflow.event_reports import GOING_DOWN, RESTARTED
from workflow.models import ApplicationEntity, Event, GlobalSubscription, Subscription
from workflow.services.scp_status import announce
from workflow.services.subscribe import subscribe
from workflow.uids import GLOBAL_SUBSCRIPTION

pytestmark = pytest.mark.django_db(transaction=True)

STATUS, SUBSCRIPTION_LIST, WORKLIST = "00741242", "00741244", "00741246"


def told(ae_title: str) -> list[str]:
    """The statuses that an AE is told, in order."""
    found = Event.objects.filter(subscriber__ae_title=ae_title, type=4).order_by("sequence")
    return [orjson.loads(event.dicom_json)[STATUS]["Value"][0] for event in found]


def subscribed_in_every_way() -> None:
    """One AE with everything, three with one kind each, one with nothing."""
    rows = [step(), step()]
    for ae_title in ("ALL", "SINGLE"):
        for row in rows:
            Subscription.objects.create(subscriber=ae(ae_title), workitem=row)
    for ae_title, kind in [("ALL", "GLOBAL"), ("ALL", "FILTERED"), ("GLOBAL", "GLOBAL"), ("FILTERED", "FILTERED")]:
        GlobalSubscription.objects.create(subscriber=ae(ae_title), kind=kind)
    ae("NOBODY")


def test_every_ae_with_any_subscription_and_every_one_of_the_fallback_list_is_told_once(settings):
    settings.ARCHIVE_UPS_FALLBACK_AES = ("FALLBACK", "ALL")
    subscribed_in_every_way()

    announce(RESTARTED)

    assert {title: told(title) for title in ApplicationEntity.objects.values_list("ae_title", flat=True)} == {
        "ALL": [RESTARTED],
        "SINGLE": [RESTARTED],
        "GLOBAL": [RESTARTED],
        "FILTERED": [RESTARTED],
        "FALLBACK": [RESTARTED],
        "NOBODY": [],
    }


@pytest.mark.parametrize("status", [RESTARTED, GOING_DOWN])
def test_the_report_names_no_workitem_and_says_that_everything_is_still_there(status):
    GlobalSubscription.objects.create(subscriber=ae(), kind="GLOBAL")

    announce(status)

    event = Event.objects.get()
    assert event.sop_instance_uid == GLOBAL_SUBSCRIPTION
    assert {tag: element["Value"] for tag, element in orjson.loads(event.dicom_json).items()} == {
        STATUS: [status],
        SUBSCRIPTION_LIST: ["WARM START"],
        WORKLIST: ["WARM START"],
    }


def test_only_those_are_told_who_are_meant():
    subscribed_in_every_way()

    announce(GOING_DOWN, ["SINGLE", "NOBODY", "UNKNOWN"])

    assert list(Event.objects.values_list("subscriber__ae_title", flat=True)) == ["SINGLE"]


def test_who_was_away_for_several_restarts_is_told_of_one():
    GlobalSubscription.objects.create(subscriber=ae(), kind="GLOBAL")

    for _ in range(3):
        announce(RESTARTED)

    assert told("WATCHER") == [RESTARTED]


def test_a_restart_is_told_again_once_the_last_one_has_been_sent():
    GlobalSubscription.objects.create(subscriber=ae(), kind="GLOBAL")
    announce(RESTARTED)
    ApplicationEntity.objects.update(delivered_sequence=1)

    announce(RESTARTED)

    assert told("WATCHER") == [RESTARTED, RESTARTED]


def test_a_restart_is_told_again_when_something_happened_since_the_last_one():
    row = step()
    GlobalSubscription.objects.create(subscriber=ae(), kind="GLOBAL")
    announce(RESTARTED)
    subscribe(row.sop_instance_uid, "WATCHER", deletion_lock=False)
    announce(GOING_DOWN)
    announce(RESTARTED)

    assert told("WATCHER") == [RESTARTED, GOING_DOWN, RESTARTED]


def test_nobody_is_told_where_nobody_is_subscribed():
    ae()

    announce(RESTARTED)

    assert not Event.objects.exists()
