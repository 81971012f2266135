"""CreateSubscription (PS3.18 Section 11.10): PS3.4 Table CC.2.3-2, as far as it leads to more subscriptions.

Who is subscribed to a workitem is told of its events. To be subscribed globally is to be subscribed to every workitem
there is, and to every one that will be created; with a filter, to those of them that match it at that moment: updates
change no subscription.

    subscribes to        had none           had a lock         had no lock
    all, lock            lock, reported     lock               no lock
    all, no lock         no lock            lock               no lock
    one, lock            lock, reported     lock, reported     lock, reported
    one, no lock         no lock, reported  no lock, reported  no lock, reported
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from django.conf import settings

from archive import rows
from archive.dicom.dicom_json import DataSet
from workflow.errors import FilterRefused
from workflow.event_reports import state_report
from workflow.missing import missing
from workflow.models import GlobalSubscription, Subscription, Workitem
from workflow.selectors import global_subscriptions
from workflow.services import initial_events
from workflow.services.application_entities import registered
from workflow.services.publish import Addressed, batches, publish
from workflow.services.transaction import change


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What came of it.

    Args:
        lock_granted: there is a deletion lock, because it was asked for and the archive grants such.
    """

    lock_granted: bool


def subscribe(workitem: str, ae_title: str, *, deletion_lock: bool) -> Subscribed:
    """Subscribe to one workitem. Its state is reported at once, also to who was subscribed before.

    Raises:
        WorkitemNotFound, WorkitemDeleted: there is no such workitem.
        UnknownSubscriber: the archive is closed to the AE.
    """
    lock = _granted(deletion_lock)
    change(partial(_subscribe, workitem, ae_title, lock=lock))
    return Subscribed(lock)


def subscribe_globally(
    ae_title: str,
    *,
    deletion_lock: bool,
    filter: Mapping[str, Sequence[str]] | None = None,  # noqa: A002
) -> Subscribed:
    """Subscribe to all workitems, or to those that match a filter; subscriptions to single ones stay as they are.

    With a lock the state of each that was not subscribed to is reported.

    Args:
        filter: the keys as they were written, by keywords or tags with dots between them.

    Raises:
        FilterRefused: there is a filter, and the archive has no filtered subscriptions.
        InvalidFilter: a search could not have these keys.
        UnknownSubscriber: the archive is closed to the AE.
    """
    if filter is not None and settings.ARCHIVE_UPS_FILTERED_SUBSCRIPTIONS == "refuse":
        raise FilterRefused
    lock = _granted(deletion_lock)
    wanted = None if filter is None else global_subscriptions.Matching(global_subscriptions.read(filter))
    change(partial(_subscribe_globally, ae_title, wanted, filter or {}, lock=lock), alone=True)
    return Subscribed(lock)


def subscribe_to_new(workitem_pk: int, workitem: str, data_set: DataSet) -> set[int]:
    """Subscribe to a workitem that has just been created who wants that. Part of the transaction of its creation."""
    locks = global_subscriptions.wanting(data_set)
    rows.insert(
        Subscription,
        [
            {"subscriber_id": subscriber, "workitem_id": workitem_pk, "deletion_lock": lock}
            for subscriber, lock in locks.items()
        ],
    )
    return set(locks)


def _granted(deletion_lock: bool) -> bool:
    return deletion_lock and settings.ARCHIVE_UPS_DELETION_LOCKS == "grant"


# -- one workitem ----------------------------------------------------------------


def _subscribe(workitem: str, ae_title: str, *, lock: bool) -> None:
    row = Workitem.objects.select_for_update(no_key=True).filter(sop_instance_uid=workitem).first()
    if row is None:
        raise missing(workitem)
    subscriber = registered(ae_title)
    Subscription.objects.update_or_create(subscriber=subscriber, workitem=row, defaults={"deletion_lock": lock})
    publish([Addressed(state_report(workitem, orjson.loads(row.dicom_json)), (subscriber.pk,))])


# -- all of them -----------------------------------------------------------------


def _subscribe_globally(
    ae_title: str,
    wanted: global_subscriptions.Matching | None,
    keys: Mapping[str, Sequence[str]],
    *,
    lock: bool,
) -> None:
    subscriber = registered(ae_title)
    kind = GlobalSubscription.Kind.FILTERED if wanted else GlobalSubscription.Kind.GLOBAL
    GlobalSubscription.objects.update_or_create(
        subscriber=subscriber, kind=kind, defaults={"deletion_lock": lock, "filter": keys}
    )
    ((newest,),) = rows.select("SELECT coalesce(max(id), 0) FROM workflow_subscription")
    for condition, parameters in _conditions(wanted):
        # What there is stays: instructions about one workitem outrank those about all.
        rows.execute(
            "INSERT INTO workflow_subscription (subscriber_id, workitem_id, deletion_lock, created_at)"  # noqa: S608
            f" SELECT %s, w.id, %s, %s FROM workflow_workitem w WHERE {condition}"
            " ON CONFLICT (subscriber_id, workitem_id) DO NOTHING",
            *(subscriber.pk, lock, rows.now(), *parameters),
        )
    if lock:
        initial_events.report_states(subscriber, newest)


def _conditions(wanted: global_subscriptions.Matching | None) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Which workitems `w`, in SQL with its parameters, in as many statements as it takes."""
    if wanted is None:
        yield "TRUE", ()
    else:
        yield from (("w.id IN %s", (batch,)) for batch in batches(wanted.there()))
