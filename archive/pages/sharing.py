"""Sharing a study by links, on its page: made, listed and revoked by who may share."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from archive.models import ShareLink, Study
from archive.page_access import page
from archive.pages.local_time import today, zone
from archive.selectors import share_links, studies
from archive.services import share_links as service
from archive.url_values import clean

SHARE, VIEW = share_links.NEEDED

#: For so many days, or until a date no further away than the last.
DAYS = (1, 7, 30)
MOST_DAYS = 365

NO_DATE = f"The last day is a date from today, and within {MOST_DAYS} days."


@require_http_methods(["GET", "HEAD", "POST"])
@page(SHARE)
@page(VIEW)
def study(request: HttpRequest, study: str) -> HttpResponse:
    """GET lists the links, POST makes one: `days`, or `until` a date; `note`, `download`."""
    found = studies.study(study)
    if not settings.ARCHIVE_SHARE_LINKS:
        raise Http404
    if request.method != "POST":
        return _links(request, found)
    expires_at = _expiry(request)
    if expires_at is None:
        return _links(request, found, problem=NO_DATE)
    token = service.make(
        found,
        request.user,
        expires_at=expires_at,
        words=clean(request.POST.get("note", ""), ShareLink.LONGEST_NOTE),
        may_download="download" in request.POST,
    )
    return _links(request, found, address=_address(request, token))


@require_POST
@page(SHARE)
@page(VIEW)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(ShareLink.objects.select_related("study"), pk=pk)
    service.revoke(link)
    return _links(request, link.study)


def _expiry(request: HttpRequest) -> datetime | None:
    """None when the form says none that there can be. A date ends where the browser is."""
    days = request.POST.get("days", "")
    if days in map(str, DAYS):
        return timezone.now() + timedelta(days=int(days))
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        return None
    if not 0 <= (until - today(request)).days <= MOST_DAYS:
        return None
    return datetime.combine(until + timedelta(days=1), time(), zone(request))


def _address(request: HttpRequest, token: str) -> str:
    root = urlsplit(settings.ARCHIVE_PUBLIC_URL or request.build_absolute_uri("/"))
    return root._replace(path=reverse("archive:shared"), fragment=token).geturl()


def _links(request: HttpRequest, study: Study, *, address: str = "", problem: str = "") -> HttpResponse:
    context = {
        "study": study,
        "links": list(share_links.links(study)),
        "now": timezone.now(),
        "address": address,
        "problem": problem,
        "days": DAYS,
        "first_day": today(request),
        "last_day": today(request) + timedelta(days=MOST_DAYS),
    }
    with timezone.override(zone(request)):
        return render(request, "archive/share_links.html", context)
