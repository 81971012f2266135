"""Destinations somebody may send to, orders, what of them waits, and what could not be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from archive.models import Destination, OrderedInstance, SendOrder, Study

SEND, MANAGE = "archive.send_study", "archive.manage_destination"

State = SendOrder.State
#: So many studies, and reasons, are on the page of an order; so many instances are named with each reason.
MOST_LISTED, MOST_NAMED = 200, 5
UNDER_WAY = (State.WAITING, State.SENDING)


@dataclass(frozen=True, slots=True)
class OrderedStudy:
    uid: str
    series: int
    instances: int
    #: None once it has been deleted.
    row: Study | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason for which instances could not be sent, with the SOP Instance UIDs of some of them."""

    reason: str
    instances: int
    named: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sending:
    """Orders that are under way, and since when the first should have been gone on with; those that were given up."""

    orders: int
    failed: int
    overdue_since: datetime | None


def destinations(user: Any) -> QuerySet[Destination]:
    """Those that somebody who may send studies may send to."""
    own = Q(groups=None) | Q(groups__in=user.groups.all())
    return Destination.objects.filter(Q() if user.has_perm(MANAGE) else own, enabled=True).distinct().order_by("name")


def orders(user: Any) -> QuerySet[SendOrder]:
    """Somebody's own orders, or those of all for who manages destinations; the last first."""
    seen = SendOrder.objects.all() if user.has_perm(MANAGE) else SendOrder.objects.filter(user=user)
    return seen.select_related("destination", "user").order_by("-pk")


def waiting(order: int, most: int) -> list[OrderedInstance]:
    """Of an order the instances whose turn it is, those first that have not been put off."""
    found = OrderedInstance.objects.filter(order=order, state=OrderedInstance.State.WAITING)
    return list(found.order_by("tries", "pk")[:most])


def counts(order: SendOrder) -> Mapping[str, int]:
    """How many of its instances are in each state."""
    return dict(order.instances.values_list("state").annotate(number=Count("pk")).order_by("state"))


def studies(order: SendOrder) -> list[OrderedStudy]:
    """What is in an order, in its sequence."""
    found = order.instances.values("study_instance_uid").annotate(
        first=Min("pk"), series=Count("series_instance_uid", distinct=True), number=Count("pk")
    )
    groups = list(found.order_by("first")[:MOST_LISTED])
    uids = [group["study_instance_uid"] for group in groups]
    rows = {row.study_instance_uid: row for row in _with_patients(uids)}
    return [
        OrderedStudy(uid, group["series"], group["number"], rows.get(uid))
        for uid, group in zip(uids, groups, strict=True)
    ]


def _with_patients(uids: Sequence[str]) -> QuerySet[Study]:
    return Study.objects.filter(study_instance_uid__in=uids).select_related("patient")


def failures(order: SendOrder) -> list[Failure]:
    """Why instances could not be sent, the most frequent reason first."""
    failed = order.instances.filter(state=OrderedInstance.State.FAILED)
    groups = failed.values_list("reason").annotate(number=Count("pk")).order_by("-number", "reason")[:MOST_LISTED]
    return [Failure(reason, number, list(_named(failed.filter(reason=reason)))) for reason, number in groups]


def _named(failed: QuerySet[OrderedInstance]) -> QuerySet[OrderedInstance, str]:
    return failed.order_by("pk").values_list("sop_instance_uid", flat=True)[:MOST_NAMED]


def sending() -> Sending:
    under_way = SendOrder.objects.filter(state__in=UNDER_WAY)
    overdue = under_way.filter(due_at__lt=timezone.now(), destination__enabled=True)
    return Sending(
        orders=under_way.count(),
        failed=SendOrder.objects.filter(state=State.FAILED).count(),
        overdue_since=overdue.order_by("due_at").values_list("due_at", flat=True).first(),
    )
