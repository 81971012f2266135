"""Who comes by a share link: known by cookies that say which link they have opened, and let in to its study alone.

Whether the link is open still is asked each time. Its token is in no URL that is requested: browsers send no fragment.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from archive.dicom.uids import is_tolerable_uid
from archive.errors import NotStored
from archive.models import ShareLink
from archive.selectors import share_links

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

#: Beginnings of the cookies' names. Each is sent to its part of the archive alone.
COOKIE = "shared-"
PAGES, PICTURES = f"{COOKIE}pages-", f"{COOKIE}pictures-"
#: After that the link has to be opened again: on somebody else's computer nothing stays open.
KEPT_FOR = timedelta(hours=12)

_signer = TimestampSigner(salt="archive.share_link")


class Bearer(AnonymousUser):
    """Somebody who has a link, and has not signed in."""

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return perm == "archive.view_instance"


def admit(response: HttpResponse, link: ShareLink) -> None:
    """Let who gets the answer see the study of the link."""
    resources = reverse("studies").removesuffix("/studies")
    for name, path in ((PAGES, reverse("archive:shared")), (PICTURES, resources)):
        response.set_cookie(
            f"{name}{link.pk}",
            _signer.sign(str(link.pk)),
            max_age=KEPT_FOR,
            path=path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",  # the link is in a message: a stricter cookie would not come with the first page
        )


def link_to(request: HttpRequest, study: str) -> ShareLink | None:
    """The open link to the study that who asks has opened; it is at the request from then on."""
    pks = set(_opened(request)) if settings.ARCHIVE_SHARE_LINKS and is_tolerable_uid(study) else ()
    link = share_links.of_study(study, pks) if pks else None
    if link is not None:
        request.share_link = link  # type: ignore[attr-defined]
    return link


def _opened(request: HttpRequest) -> Iterator[int]:
    for name, value in request.COOKIES.items():
        if name.startswith(COOKIE):
            try:
                yield int(_signer.unsign(value, max_age=KEPT_FOR))
            except BadSignature:
                continue


def shared(page: Page[P]) -> Page[P]:
    """A page about a study, for who has opened a link to it. They may be anybody: nothing tells of them elsewhere."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            admitted = link_to(request, str(kwargs["study"])) is not None
            response = page(request, *args, **kwargs) if admitted else closed(request)
        except NotStored as error:
            raise Http404 from error
        return confined(response)

    return guarded


def closed(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was, is over, or is revoked."""
    if not settings.ARCHIVE_SHARE_LINKS:
        raise Http404
    return render(request, "archive/shared_closed.html", status=404)


def confined(response: HttpResponseBase) -> HttpResponseBase:
    """Neither kept nor indexed, and where it leads to is not told where from."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
