"""Subscriptions while others change the worklist: no AE misses a workitem, and nobody is subscribed twice."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import orjson
import pytest
from django.db import connection
from django.utils import timezone

from archive import rows
from tests.factories import uid
from tests.workflow.rows import events, locks, step
from tests.workitems import workitem
from tests.worklist import application_entity as ae
from workflow.errors import NotSubscribed, WorkitemDeleted
from workflow.event_reports import GOING_DOWN, of_creation
from workflow.models import ApplicationEntity, Event, GlobalSubscription, Subscription, Workitem
from workflow.services.index import index_of, write_values
from workflow.services.publish import Addressed, publish
from workflow.services.purge import purge
from workflow.services.scp_status import announce
from workflow.services.subscribe import subscribe, subscribe_globally, subscribe_to_new
from workflow.services.suspend import suspend
from workflow.services.transaction import change
from workflow.services.unsubscribe import unsubscribe, unsubscribe_globally

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def at_once(calls: Iterable[Callable[[], object]]) -> list[object]:
    """What came of each call, or what it raised of what it may."""

    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        except (NotSubscribed, WorkitemDeleted) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, calls))


def create() -> str:
    """A workitem as CreateUPS makes one, as far as subscriptions are concerned."""
    new = uid()
    data_set = workitem(SOPInstanceUID=new, TransactionUID=None, CommentsOnTheScheduledProcedureStep="quick")

    def write() -> None:
        index = index_of(data_set)
        columns = index.columns | {"sop_instance_uid": new, "dicom_json": orjson.dumps(data_set)}
        [pk] = rows.insert(Workitem, [columns])
        write_values(pk, index.values)
        told = subscribe_to_new(pk, new, data_set)
        publish([Addressed(report, told) for report in of_creation(new, data_set)])

    change(write)
    return new


#: All workitems, those that columns tell, those that only their data sets tell.
FILTERS = [None, {"WorklistLabel": ["CHEST"]}, {"CommentsOnTheScheduledProcedureStep": ["qu?ck"]}]


@pytest.mark.parametrize("filter", FILTERS)
def test_a_global_subscription_among_creations_misses_none_and_tells_of_each_once(filter):
    calls = [create] * 20 + [partial(subscribe_globally, "WATCHER", deletion_lock=True, filter=filter)] + [create] * 20

    at_once(calls)

    everything = set(Workitem.objects.values_list("sop_instance_uid", flat=True))
    assert len(everything) == 40
    assert locks() == dict.fromkeys(everything, True)
    assert sorted(workitem for workitem, _, _ in events()) == sorted(everything)


def test_one_subscriber_many_times_at_once_is_subscribed_once_and_told_each_time():
    row = step()

    at_once([partial(subscribe, row.sop_instance_uid, "WATCHER", deletion_lock=True)] * 20)

    assert locks() == {row.sop_instance_uid: True}
    assert ApplicationEntity.objects.count() == 1
    assert len(events()) == 20


def test_many_global_subscriptions_at_once():
    row = step()

    at_once([partial(subscribe_globally, f"AE{number % 4}", deletion_lock=True, filter=None) for number in range(16)])

    assert GlobalSubscription.objects.count() == Subscription.objects.count() == 4
    assert {len(events(f"AE{number}")) for number in range(4)} == {1}
    assert Event.objects.filter(sop_instance_uid=row.sop_instance_uid).count() == 4


def test_after_a_global_unsubscription_among_creations_nothing_is_left():
    subscribe_globally("WATCHER", deletion_lock=False, filter=None)

    at_once([create] * 20 + [partial(unsubscribe_globally, "WATCHER")] + [create] * 20)

    assert locks() == {}
    assert not GlobalSubscription.objects.exists()


def test_everything_at_once_ends_without_a_deadlock_and_with_events_in_order():
    uids = [step().sop_instance_uid for _ in range(5)]
    calls: list[Callable[[], object]] = []
    for number in range(40):
        ae_title, target = f"AE{number % 3}", uids[number % 5]
        calls += [
            partial(subscribe, target, ae_title, deletion_lock=bool(number % 2)),
            partial(subscribe_globally, ae_title, deletion_lock=True, filter=None),
            partial(unsubscribe, target, ae_title),
            create,
            partial([suspend, unsubscribe_globally][number % 2], *[("GLOBAL", ae_title), (ae_title,)][number % 2]),
            partial(announce, GOING_DOWN),
        ]

    at_once(calls)

    for subscriber in ApplicationEntity.objects.all():
        told = events(subscriber.ae_title)  # which are numbered without a gap
        assert len(told) == subscriber.last_sequence


def test_a_lock_and_a_purge_at_once_either_hold_or_find_nothing():
    long_ago = timezone.now() - timedelta(days=365)
    uids = [step(ProcedureStepState="COMPLETED", finished_at=long_ago).sop_instance_uid for _ in range(30)]
    ae()

    calls = [partial(subscribe, target, "WATCHER", deletion_lock=True) for target in uids]
    results = at_once([*calls[:10], partial(purge, timezone.now()), *calls[10:]])

    refused = sum(isinstance(result, WorkitemDeleted) for result in results)
    assert Workitem.objects.count() == len(locks()) == 30 - refused
