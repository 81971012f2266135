"""Orders to send instances: placed, taken by a worker, gone on with until nothing waits; given up, canceled, retried.

The rows are the truth. A worker that has an order says so in `due_at`, again and again: when it is gone, the order is
due soon, and goes on with what still waits.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from archive import rows
from archive.audit import trail
from archive.audit.events import Action
from archive.errors import DestinationClosed, NothingToSend, TooManyToSend
from archive.fields import TEXT_LENGTH
from archive.missing import missing
from archive.models import Destination, OrderedInstance, SendOrder
from archive.transactions import write

State = SendOrder.State
InstanceState = OrderedInstance.State

MOST_INSTANCES = 100_000

#: For so long a worker has an order, unless it says that it still has it.
LEASE = timedelta(minutes=1)
#: After a request that something has foiled; twice as long after each further one.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
#: Requests in a row of which nothing came; one whose worker was killed counts too. With the pauses, about an hour.
MOST_ATTEMPTS = 8
#: So often the destination may put off one instance while it takes others.
MOST_TRIES = 5

_UNDER_WAY = (State.WAITING, State.SENDING)

#: A study, or one of its series.
Place = tuple[str, str | None]

_ADD = (
    "INSERT INTO archive_orderedinstance"
    " (order_id, study_instance_uid, series_instance_uid, sop_instance_uid, state, tries, reason)"
    " SELECT %s, study.study_instance_uid, series.series_instance_uid, instance.sop_instance_uid, 'waiting', 0, ''"
    " FROM archive_study study"
    " JOIN archive_series series ON series.study_id = study.id"
    " JOIN archive_instance instance ON instance.series_id = series.id"
    " WHERE study.study_instance_uid = %s AND (%s = '' OR series.series_instance_uid = %s)"
    " ORDER BY series.series_number, series.id, instance.instance_number, instance.id LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an ordered instance, by its primary key. WAITING: it is to be tried again later."""

    pk: int
    state: InstanceState
    reason: str = ""


# -- what people do --------------------------------------------------------------


def place(user: Any, destination: Destination, places: Iterable[Place], *, deidentified: bool) -> SendOrder:
    """Order that everything which is there now is sent.

    Raises:
        DestinationClosed: the destination is switched off, or takes de-identified objects only.
        NothingToSend: there are no places.
        StudyNotFound, SeriesNotFound, Deleted: there is nothing at one of the places.
        TooManyToSend: it would be more than `MOST_INSTANCES`.
    """
    if not destination.enabled:
        raise DestinationClosed(f"The destination {destination} is switched off.")
    if destination.deidentified_only and not deidentified:
        raise DestinationClosed(f"The destination {destination} takes only what does not identify the patient.")
    wanted = list(dict.fromkeys(places))
    order = write(partial(_place, user, destination, wanted, deidentified))
    trail.note(Action.EXPORTED, *dict.fromkeys(study for study, _ in wanted), subject=f"{order} to {destination}")
    return order


def _place(user: Any, destination: Destination, places: Sequence[Place], deidentified: bool) -> SendOrder:
    order = SendOrder.objects.create(user=user, destination=destination, deidentified=deidentified)
    for study, series in places:
        room = MOST_INSTANCES - order.total + 1
        added = rows.execute(_ADD, order.pk, study, series or "", series or "", room)
        if not added:
            raise missing(study, series)
        order.total += added
        if order.total > MOST_INSTANCES:
            raise TooManyToSend(MOST_INSTANCES)
    if not order.total:
        raise NothingToSend
    order.save(update_fields=["total"])
    return order


def cancel(chosen: QuerySet[SendOrder]) -> int:
    """Stop these orders; a request that is on its way comes to its end. Returns how many were under way."""
    under_way = chosen.filter(state__in=_UNDER_WAY)
    return under_way.update(state=State.CANCELED, problem="", ended_at=timezone.now())


def retry(chosen: QuerySet[SendOrder]) -> int:
    """Try again what could not be sent, and go on with what was stopped. Returns how many orders that concerns."""
    ended = list(chosen.exclude(state__in=_UNDER_WAY).filter(sent__lt=F("total")).values_list("pk", flat=True))
    return sum(write(partial(_retry, pk)) for pk in ended)


def _retry(pk: int) -> int:
    begun = SendOrder.objects.filter(pk=pk).exclude(state__in=_UNDER_WAY)
    changed = begun.update(state=State.WAITING, due_at=timezone.now(), ended_at=None, attempts=0, problem="", failed=0)
    if changed:
        failed = OrderedInstance.objects.filter(order=pk, state=InstanceState.FAILED)
        failed.update(state=InstanceState.WAITING, tries=0, reason="")
    return changed


def prune() -> int:
    """Remove the orders that are older than `ARCHIVE_SENT_DAYS` and not under way; returns how many."""
    old = timezone.now() - timedelta(days=settings.ARCHIVE_SENT_DAYS)
    _, removed = SendOrder.objects.filter(ordered_at__lt=old).exclude(state__in=_UNDER_WAY).delete()
    return removed.get(SendOrder._meta.label, 0)


# -- what workers do -------------------------------------------------------------


def begin() -> SendOrder | None:
    """Take the order whose turn it is; None when none is due, or as many are being sent as may be."""
    now = timezone.now()
    under_way = SendOrder.objects.filter(state__in=_UNDER_WAY, destination__enabled=True)
    if under_way.filter(state=State.SENDING, due_at__gt=now).count() >= settings.ARCHIVE_SENDERS:
        return None
    for pk in list(under_way.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:10]):
        due = SendOrder.objects.filter(pk=pk, state__in=_UNDER_WAY, due_at__lte=now)
        if due.update(state=State.SENDING, due_at=now + LEASE):
            return SendOrder.objects.select_related("destination").get(pk=pk)
    return None


def keep(pk: int) -> None:
    """The worker that has the order still has it."""
    SendOrder.objects.filter(pk=pk, state=State.SENDING).update(due_at=timezone.now() + LEASE)


def attempt(pk: int) -> bool:
    """Count a request that is about to be made; False when it is not to be made any more."""
    mine = SendOrder.objects.filter(pk=pk, state=State.SENDING)
    if mine.filter(attempts__gte=MOST_ATTEMPTS).exists():
        give_up(pk, f"Each of {MOST_ATTEMPTS} attempts was broken off before it came to an end.")
        return False
    return bool(mine.update(attempts=F("attempts") + 1))


def note(pk: int, results: Sequence[Result]) -> bool:
    """Write down what became of instances; False when none of them has been dealt with."""
    return write(partial(_note, pk, results))


def _note(pk: int, results: Sequence[Result]) -> bool:
    alike: dict[tuple[InstanceState, str], list[int]] = defaultdict(list)
    for result in results:
        alike[result.state, result.reason[:TEXT_LENGTH]].append(result.pk)
    counts = dict.fromkeys(InstanceState, 0)
    for (state, reason), pks in alike.items():
        waiting = OrderedInstance.objects.filter(pk__in=pks, state=InstanceState.WAITING)
        if state == InstanceState.WAITING:
            waiting.update(tries=F("tries") + 1, reason=reason)
            counts[InstanceState.FAILED] += waiting.filter(tries__gte=MOST_TRIES).update(state=InstanceState.FAILED)
        else:
            counts[state] += waiting.update(state=state, reason=reason)
    sent, failed = counts[InstanceState.SENT] + counts[InstanceState.KNOWN], counts[InstanceState.FAILED]
    if sent or failed:
        SendOrder.objects.filter(pk=pk).update(sent=F("sent") + sent, failed=F("failed") + failed, attempts=0)
    return bool(sent or failed)


def leave(pk: int) -> None:
    """Let others go on with the order, after those that have waited longer."""
    _mine(pk).update(state=State.WAITING, due_at=timezone.now(), problem="")


def put_off(pk: int, problem: str, *, patience: int = 0) -> None:
    """Something is in the way of the order. It is tried again later, or given up if that was the last attempt."""
    attempts = SendOrder.objects.filter(pk=pk).values_list("attempts", flat=True).first() or 0
    if attempts >= MOST_ATTEMPTS:
        give_up(pk, problem)
        return
    pause = max(min(FIRST_PAUSE * 2 ** max(0, attempts - 1), LONGEST_PAUSE), timedelta(seconds=patience))
    _mine(pk).update(state=State.WAITING, due_at=timezone.now() + pause, problem=problem[:TEXT_LENGTH])


def give_up(pk: int, problem: str) -> None:
    """What waits of the order cannot be sent before somebody has changed something."""
    _mine(pk).update(state=State.FAILED, ended_at=timezone.now(), problem=problem[:TEXT_LENGTH])


def finish(pk: int) -> None:
    """Nothing of the order waits any more."""
    _mine(pk).update(state=State.DONE, ended_at=timezone.now(), problem="")


def _mine(pk: int) -> QuerySet[SendOrder]:
    """The order, unless somebody has canceled it."""
    return SendOrder.objects.filter(pk=pk, state=State.SENDING)
