"""The outbox: event reports become rows in the transaction of what they report, and are sent from there.

Each subscriber's events are numbered. Whoever takes numbers keeps the subscriber locked until the commit, so that the
numbers are in the order of the commits; the locks are taken in the order of the primary keys, so that nobody waits in a
circle.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import orjson
from django.db import transaction

from archive import rows
from workflow import notifier
from workflow.event_reports import EventReport
from workflow.services import outbox

#: Each takes four parameters of a statement.
REPORTS_AT_ONCE = 100


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
    published = Counter(subscriber for addressed in reports for subscriber in set(addressed.subscribers))
    if not published:
        return
    locked = _lock(published)
    for audience, group in groupby(reports, key=lambda addressed: frozenset(addressed.subscribers)):
        told = [addressed.report for addressed in group]
        for some in batches(sorted(audience)):
            _write(told, some)
    outbox.tidy({pk: (last, last + published[pk]) for pk, _, last in locked})
    wake_on_commit([ae_title for _, ae_title, _ in locked])


def _lock(subscribers: Iterable[int]) -> list[tuple[int, str, int]]:
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


def _write(reports: Sequence[EventReport], subscribers: tuple[int, ...]) -> None:
    """All of the reports to all of the subscribers: one statement, however many those are."""
    for start in range(0, len(reports), REPORTS_AT_ONCE):
        some = reports[start : start + REPORTS_AT_ONCE]
        numbered = [
            (number, int(report.type), report.workitem, orjson.dumps(report.attributes))
            for number, report in enumerate(some, 1)
        ]
        rows.execute(
            "INSERT INTO workflow_event (subscriber_id, sequence, type, sop_instance_uid, dicom_json, created_at)"  # noqa: S608
            f" WITH report(number, type, workitem, attributes) AS (VALUES {', '.join(['%s'] * len(some))})"
            " SELECT ae.id, ae.last_sequence + number, type, workitem, attributes, %s"
            " FROM workflow_applicationentity ae CROSS JOIN report WHERE ae.id IN %s",
            *numbered,
            rows.now(),
            subscribers,
        )
        rows.execute(
            "UPDATE workflow_applicationentity SET last_sequence = last_sequence + %s WHERE id IN %s",
            len(some),
            subscribers,
        )


def wake_on_commit(ae_titles: Sequence[str]) -> None:
    def wake() -> None:
        notifier.wake(ae_titles)

    # What is committed has succeeded, whatever keeps somebody from being woken.
    transaction.on_commit(wake, robust=True)


def batches(keys: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The keys in as many tuples as statements are needed for them."""
    step = rows.MOST_PARAMETERS // 2
    return (tuple(keys[start : start + step]) for start in range(0, len(keys), step))
