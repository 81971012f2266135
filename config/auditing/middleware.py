"""Who asks, for all that is noted while a request is answered; and what was asked for, once it is."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix
from knox.models import AuthToken

from archive.audit.acting import Actor, acting
from archive.audit.events import Action, Way
from archive.audit.trail import note
from config.auditing.accesses import NOTED_BY_SERVICES, access

#: Where these are: to look it up for every frame would cost as much as all the rest.
RESOURCES, ADMIN, VIEWER = "/dicom-web", "/admin/", "viewer/"


class AuditMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting(partial(_actor, request)):
            response = self._get_response(request)
            _note(request, response)
        return response


def _note(request: HttpRequest, response: HttpResponseBase) -> None:
    if response.status_code == 401 and _scheme(request) == "token":
        note(Action.SIGNED_IN, succeeded=False)  # of a wrong password Django says so itself
    succeeded = _succeeded(request, response)
    if succeeded is None or request.resolver_match is None:
        return
    found = access(request, request.resolver_match)
    if found and not (succeeded and found.action in NOTED_BY_SERVICES):
        note(found.action, *found.studies, succeeded=succeeded, subject=found.subject)


def _succeeded(request: HttpRequest, response: HttpResponseBase) -> bool | None:
    """Whether somebody got what they asked for; None where there was nothing to get, or they have to sign in first."""
    status = response.status_code
    if status == 403:
        return False
    leads_on = 300 <= status < 400 and status != 304
    return True if status < 400 and not (leads_on and not request.user.is_authenticated) else None


def _actor(request: HttpRequest) -> Actor:
    credential = _credential(request)
    person = request.user.get_username() if request.user.is_authenticated else ""
    return Actor(person, credential, request.META.get("REMOTE_ADDR", ""), _way(request, credential))


def _credential(request: HttpRequest) -> str:
    """What Django REST framework has found is at the request: `auth` is a token, or nothing."""
    link, token = getattr(request, "share_link", None), getattr(request, "auth", None)
    if link is not None:
        return str(link)
    if isinstance(token, AuthToken):
        return f"token {token.token_key[:8]}"
    if not request.user.is_authenticated:
        return ""
    return "password" if _scheme(request) == "basic" else "session"


def _way(request: HttpRequest, credential: str) -> Way:
    if getattr(request, "share_link", None) is not None:
        return Way.SHARE_LINK
    if request.path_info.startswith(ADMIN):
        return Way.ADMIN
    if not request.path_info.startswith(RESOURCES):
        return Way.PAGE
    if credential != "session":
        return Way.DICOMWEB
    page = urlsplit(request.headers.get("Referer", "")).path
    return Way.VIEWER if page.startswith(f"{get_script_prefix()}{VIEWER}") else Way.PAGE


def _scheme(request: HttpRequest) -> str:
    return request.headers.get("Authorization", "").partition(" ")[0].lower()
