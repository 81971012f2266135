"""The outbox: event reports become rows in the transaction of what they report, and are sent from there.

Each subscriber's events are numbered. Whoever takes numbers keeps the subscriber locked until the commit, so that the
numbers are in the order of the commits; the locks are taken in the order of the primary keys, so that nobody waits in a
circle.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson
from django.db import transaction

from archive import rows
from workflow import notifier
from workflow.event_reports import EventReport
from workflow.models import Event
from workflow.services import outbox


@dataclass(frozen=True, slots=True)
class Addressed:
    """A report and whom it is for, by the primary keys of `ApplicationEntity`."""

    report: EventReport
    subscribers: Collection[int]


def subscribers(workitem_pk: int) -> list[int]:
    """Who is subscribed to the workitem, by the primary keys of `ApplicationEntity`."""
    found = rows.select("SELECT subscriber_id FROM workflow_subscription WHERE workitem_id = %s", workitem_pk)
    return [subscriber for (subscriber,) in found]


def publish_to_subscribers(workitem_pk: int, reports: Iterable[EventReport]) -> None:
    """Publish what has happened to the workitem to everybody who is subscribed to it."""
    told = subscribers(workitem_pk)
    publish([Addressed(report, told) for report in reports])


def publish(reports: Sequence[Addressed]) -> None:
    """Write the events, in this order for each subscriber, and wake the subscribers once they are committed."""
    wanted = {subscriber for addressed in reports for subscriber in addressed.subscribers}
    if not wanted:
        return
    locked = _lock(wanted)
    before = {pk: last for pk, _, last in locked}
    numbers = dict(before)
    new = []
    for addressed in reports:
        attributes = orjson.dumps(addressed.report.attributes)
        for subscriber in sorted(set(addressed.subscribers) & numbers.keys()):
            numbers[subscriber] += 1
            new.append(_row(addressed.report, attributes, subscriber, numbers[subscriber]))
    rows.insert(Event, new)
    for last in set(numbers.values()):
        _count(last, [subscriber for subscriber, number in numbers.items() if number == last])
    outbox.tidy({pk: (before[pk], last) for pk, last in numbers.items()})
    wake_on_commit([ae_title for _, ae_title, _ in locked])


def _lock(subscribers: Collection[int]) -> list[tuple[int, str, int]]:
    """Primary key, AE title and last number of each."""
    return [
        row
        for batch in batches(sorted(subscribers))
        for row in rows.select_for_update(
            "SELECT id, ae_title, last_sequence FROM workflow_applicationentity WHERE id IN %s ORDER BY id",
            batch,
            no_key=True,
        )
    ]


def _count(last: int, subscribers: Sequence[int]) -> None:
    for batch in batches(subscribers):
        rows.execute("UPDATE workflow_applicationentity SET last_sequence = %s WHERE id IN %s", last, batch)


def wake_on_commit(ae_titles: Sequence[str]) -> None:
    def wake() -> None:
        notifier.wake(ae_titles)

    # What is committed has succeeded, whatever keeps somebody from being woken.
    transaction.on_commit(wake, robust=True)


def batches(keys: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The keys in as many tuples as statements are needed for them."""
    step = rows.MOST_PARAMETERS - 1
    return (tuple(keys[start : start + step]) for start in range(0, len(keys), step))


def _row(report: EventReport, attributes: bytes, subscriber: int, sequence: int) -> rows.Row:
    return {
        "subscriber_id": subscriber,
        "sequence": sequence,
        "type": int(report.type),
        "sop_instance_uid": report.workitem,
        "dicom_json": attributes,
    }
