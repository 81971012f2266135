"""Orders carried out: requests of bounded size, each answer written down before the next one.

A worker that is killed loses what it was sending: at most one request is sent again, and who has stored an instance
once takes the same one twice.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from time import monotonic

from archive.errors import ArchiveError, NoProcess
from archive.models import OrderedInstance, SendOrder
from archive.sealed import SecretUnreadable
from archive.selectors import send_orders as orders
from archive.sending import client, store_answer
from archive.sending.client import DestinationAway, Reply, Service
from archive.sending.failure_reasons import DUPLICATE_SOP_INSTANCE, reason
from archive.sending.lease import kept
from archive.sending.parcels import CannotBeRead, Parcel, Unsendable, parcels
from archive.sending.sign_in import service
from archive.sending.statuses import Verdict, verdict, words
from archive.sending.store_answer import StoreAnswer
from archive.services import send_orders
from archive.services.send_orders import Result
from archive.storage import StorageError

log = logging.getLogger(__name__)

State = OrderedInstance.State

#: Instances of one request.
MOST_TOGETHER = 20

#: What is in none of the answer's sequences has been stored, too.
ALL_STORED, CONFLICT = frozenset({200, 201, 204}), 409

NOT_SAID = "The destination did not say what became of it."
NO_NAMES = "By now the destination takes only what does not identify the patient: order it anew."
PUT_OFF = "The destination puts off all that it is sent."


class Postponed(ArchiveError):
    """The destination is to be left alone for a while, for so many seconds at least."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(words(reply.status))
        self.patience = reply.patience


class Refused(ArchiveError):
    """No request to the destination will succeed before somebody has changed something."""


def work(seconds: float) -> bool:
    """Go on with the order whose turn it is, for about so long. False when there is none.

    Raises:
        DatabaseError: nothing is lost; the order is due again soon.
    """
    order = send_orders.begin()
    if order is None:
        return False
    with kept(partial(send_orders.keep, order.pk)):
        _go_on(order, until=monotonic() + seconds)
    return True


def _go_on(order: SendOrder, *, until: float) -> None:
    try:
        to = _service(order)
        while monotonic() < until:
            wanted = orders.waiting(order.pk, MOST_TOGETHER)
            if not wanted:
                send_orders.finish(order.pk)
                return
            if not send_orders.attempt(order.pk):
                return
            if not _send(order, to, wanted):
                send_orders.put_off(order.pk, PUT_OFF)
                return
    except (Refused, SecretUnreadable) as error:
        _said(order, error)
        send_orders.give_up(order.pk, str(error))
    except (Postponed, DestinationAway, CannotBeRead, StorageError, NoProcess) as error:
        _said(order, error)
        send_orders.put_off(order.pk, str(error), patience=getattr(error, "patience", 0))
    else:
        send_orders.leave(order.pk)


def _service(order: SendOrder) -> Service:
    if order.destination.deidentified_only and not order.deidentified:
        raise Refused(NO_NAMES)
    return service(order.destination)


def _said(order: SendOrder, error: Exception) -> None:
    log.warning("order %s to destination %s: %s", order.pk, order.destination_id, error)


def _send(order: SendOrder, to: Service, wanted: Sequence[OrderedInstance]) -> bool:
    """Send as many of the instances as go together; whether anything has become of one of them."""
    progress = False
    with ExitStack() as stack:
        made = list(parcels(wanted, stack, deidentify=order.deidentified))
        if unsendable := [Result(one.pk, State.FAILED, one.reason) for one in made if isinstance(one, Unsendable)]:
            progress = send_orders.note(order.pk, unsendable)
        if ready := [one for one in made if isinstance(one, Parcel)]:
            for results in _results(to, ready):
                progress |= send_orders.note(order.pk, results)
    return progress


def _results(to: Service, ready: Sequence[Parcel]) -> Iterator[Sequence[Result]]:
    """What becomes of instances: of all in one request, and of each by itself where one of them may be at fault."""
    try:
        reply = client.store(to, [parcel.content for parcel in ready])
    except CannotBeRead as error:
        if not error.for_good:
            raise
        # The request has been broken off: the others come again.
        yield [Result(error.instance, State.FAILED, str(error))]
        return
    match verdict(reply.status):
        case Verdict.LATER:
            raise Postponed(reply)
        case Verdict.NEVER:
            raise Refused(words(reply.status))
        case Verdict.HEARD:
            answer = store_answer.read(reply.body)
            yield [_heard(parcel, reply.status, answer) for parcel in ready]
        case Verdict.REFUSED if len(ready) == 1:
            # A server that fails on an object may fail on another day on another one.
            state = State.WAITING if reply.status >= 500 else State.FAILED
            yield [Result(ready[0].pk, state, words(reply.status))]
        case Verdict.REFUSED:
            for parcel in ready:
                yield from _results(to, [parcel])


def _heard(parcel: Parcel, status: int, answer: StoreAnswer) -> Result:
    """What became of one instance, where the answer says it; 200 says that all were stored (PS3.18 Table 10.5.3-1)."""
    if parcel.uid in answer.failed:
        code = answer.failed[parcel.uid]
        said = reason(code)
        if code == DUPLICATE_SOP_INSTANCE:
            return Result(parcel.pk, State.KNOWN, said.words)
        return Result(parcel.pk, State.WAITING if said.passes else State.FAILED, said.words)
    if parcel.uid in answer.stored or status in ALL_STORED:
        return Result(parcel.pk, State.SENT)
    return Result(parcel.pk, State.FAILED, words(status) if status == CONFLICT else NOT_SAID)
