"""What went wrong, as a page for people; programs, and whoever asks a DICOMweb resource, get a Status Report."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from archive.page_access import is_fragment
from dicomweb import exceptions
from dicomweb.status_report import HTML, JSON

#: Status -> heading and advice.
WORDS = {
    400: ("This request cannot be understood", exceptions.MALFORMED),
    403: ("You may not see this", "Ask an administrator of this archive if you need to."),
    404: ("There is no such page", "It may have been deleted, or the address has a mistake."),
    500: ("The archive failed to answer", "The failure has been logged. Try again, or tell an administrator."),
}

#: The sign-in leads to the list of studies; who may not see it begins at the first of these that they may.
OTHER_FIRST_PAGES = {"workflow.view_workitem": "workflow:worklist", "archive.add_instance": "archive:upload"}

CHANGED_SESSION = "Your session has changed since this page was opened. Go back, load the page again, and repeat it."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(400) if _is_for_people(request) else exceptions.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Only pages refuse in this way; it has the navigation, so that people can go elsewhere or sign out."""
    if request.path == reverse("archive:study_list") and not is_fragment(request):
        for permission, page in OTHER_FIRST_PAGES.items():
            if request.user.has_perm(permission):
                return redirect(page)
    return render(request, "403.html", _words(403), status=403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For forms without the token against cross-site request forgery, which has changed since the form was shown."""
    return _page(403, advice=CHANGED_SESSION)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(404) if _is_for_people(request) else exceptions.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(500) if _is_for_people(request) else exceptions.server_error(request)


def _is_for_people(request: HttpRequest) -> bool:
    is_resource = request.path_info.startswith("/dicom-web")
    return not is_resource and request.get_preferred_type([JSON, HTML]) == HTML


def _page(status: int, **words: str) -> HttpResponse:
    """Without the request's context, which needs a session and the database."""
    return HttpResponse(render_to_string("error.html", _words(status) | words), status=status)


def _words(status: int) -> dict[str, str]:
    heading, advice = WORDS[status]
    return {"status": str(status), "heading": heading, "advice": advice}
