"""What who comes by a share link sees: the study, the quick look at its series, and the zip archive if allowed.

The link is `/shared/#token`: browsers keep the fragment to themselves, so that the token is in no log, nor do programs
that look at links in messages open it. A script of the page sends it.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from archive.pages import download, quick_look
from archive.selectors import share_links, studies
from archive.services.share_links import count_use
from archive.share_access import admit, closed, confined, shared


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """GET is what the link leads to; POST shows its `token`, and leads on to the study."""
    if not settings.ARCHIVE_SHARE_LINKS:
        raise Http404
    if request.method != "POST":
        response = render(request, "archive/shared_enter.html")
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-store"
        return response
    link = share_links.by_token(request.POST.get("token", ""))
    if link is None:
        return confined(closed(request))
    count_use(link)
    response = redirect("archive:shared_study", study=link.study.study_instance_uid)
    admit(response, link)
    return confined(response)


@require_safe
@shared
def study(request: HttpRequest, study: str) -> HttpResponse:
    found = studies.study(study)
    series = studies.series(found)
    context = {
        "study": found,
        "patient": found.patient,
        "series": series,
        "more_series": found.number_of_study_related_series - len(series),
        "link": request.share_link,  # type: ignore[attr-defined]
    }
    return render(request, "archive/shared_study.html", context)


@require_safe
@shared
def look(request: HttpRequest, study: str, series: str) -> HttpResponse:
    return quick_look.show(request, study, series, quick_look.SHARED)


@require_safe
@shared
def windows(request: HttpRequest, study: str, series: str) -> HttpResponse:
    return quick_look.windows_of(request, study, series)


@require_safe
@shared
@download.explained
def archive(request: HttpRequest, study: str) -> HttpResponseBase:
    if not request.share_link.may_download:  # type: ignore[attr-defined]
        raise PermissionDenied
    return download.archive(request, [(study, None)], study)
