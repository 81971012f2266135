"""Sending studies to other archives: where to, and what becomes of it."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive.dicom.uids import is_tolerable_uid
from archive.errors import DestinationClosed, NothingToSend, NotStored, TooManyToSend
from archive.list_query import MOST_ROWS
from archive.models import SendOrder, Series, Study
from archive.page_access import is_fragment, page
from archive.pages.local_time import zone
from archive.selectors import send_orders as found
from archive.services import send_orders as service
from archive.url_values import primary_key

log = logging.getLogger(__name__)

VIEW = "archive.view_instance"
#: Orders on a page.
ROWS = 25

NOWHERE = "Choose where to."


@require_http_methods(["GET", "HEAD", "POST"])
@page(VIEW)
@page(found.SEND)
def send(request: HttpRequest) -> HttpResponse:
    """GET asks where to, POST orders it: `study=1.2.3&study=1.2.4`, or `study=1.2.3&series=1.2.3.4`."""
    given = request.POST if request.method == "POST" else request.GET
    studies = [uid for uid in given.getlist("study")[:MOST_ROWS] if is_tolerable_uid(uid)]
    series = [uid for uid in given.getlist("series")[:MOST_ROWS] if is_tolerable_uid(uid)]
    places = [(studies[0], uid) for uid in series] if series and studies else [(uid, None) for uid in studies]
    if request.method != "POST":
        return _ask(request, studies, series)
    destination = found.destinations(request.user).filter(pk=primary_key(given.get("destination", ""))).first()
    if destination is None:
        return _ask(request, studies, series, NOWHERE)
    deidentified = "deidentified" in given or destination.deidentified_only
    try:
        order = service.place(request.user, destination, places, deidentified=deidentified)
    except (DestinationClosed, NothingToSend, NotStored, TooManyToSend) as error:
        return _ask(request, studies, series, str(error))
    log.info("user %s orders %d instances to be sent to destination %s", request.user.pk, order.total, destination.pk)
    return redirect("archive:send_order", pk=order.pk)


def _ask(request: HttpRequest, studies: list[str], series: list[str], problem: str = "") -> HttpResponse:
    """What would be sent, and where to. Where one of the series has gone that is nothing, not the whole study."""
    rows = Study.objects.filter(study_instance_uid__in=studies).select_related("patient").order_by("-study_date", "-pk")
    parts = Series.objects.filter(study__in=rows[:1], series_instance_uid__in=series).order_by("series_number", "pk")
    shown, chosen = list(rows), list(parts)
    if len(chosen) < len(set(series)):
        shown.clear()
        chosen.clear()
    of_series = [one.number_of_series_related_instances for one in chosen]
    context = {
        "studies": shown,
        "series": chosen,
        "instances": sum(of_series or [one.number_of_study_related_instances for one in shown]),
        "destinations": found.destinations(request.user),
        "chosen": request.POST.get("destination", ""),
        "deidentified": "deidentified" in request.POST,
        "problem": problem,
    }
    return render(request, "archive/send.html", context, status=422 if problem else 200)


@require_safe
@page(VIEW)
@page(found.SEND, found.MANAGE)
def orders(request: HttpRequest) -> HttpResponse:
    """Somebody's own, or those of all for who manages destinations."""
    shown = Paginator(found.orders(request.user), ROWS).get_page(request.GET.get("page"))
    with timezone.override(zone(request)):
        context = {"orders": shown, "everybody": request.user.has_perm(found.MANAGE)}
        template = "send_order_rows" if is_fragment(request) else "send_orders"
        return render(request, f"archive/{template}.html", context | {"moving": any(one.is_under_way for one in shown)})


@require_safe
@page(VIEW)
@page(found.SEND, found.MANAGE)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """An order, or how far it is, to who asks for a part of a page."""
    row = get_object_or_404(found.orders(request.user), pk=pk)
    context: dict[str, Any] = {"order": row, "counts": found.counts(row), "failures": found.failures(row)}
    with timezone.override(zone(request)):
        if is_fragment(request):
            return render(request, "archive/send_order_now.html", context)
        return render(request, "archive/send_order.html", context | {"studies": found.studies(row)})


@require_POST
@page(found.SEND, found.MANAGE)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, service.retry)


@require_POST
@page(found.SEND, found.MANAGE)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, service.cancel)


def _act(request: HttpRequest, pk: int, act: Callable[[QuerySet[SendOrder]], int]) -> HttpResponse:
    its = SendOrder.objects.filter(pk__in=found.orders(request.user).filter(pk=pk).values("pk"))
    if not its.exists():
        raise Http404
    act(its)
    log.info("user %s: %s of order %s", request.user.pk, act.__name__, pk)
    return redirect("archive:send_order", pk=pk)
