"""Who may open an event channel (PS3.18 Section 8.10.4): the page that asks, the person, and the AE it is for.

Browsers open a WebSocket to anywhere for any page, with their cookies and remembered passwords. So the page's origin
decides what counts: our own pages have all ways to sign in; pages that `ARCHIVE_CORS_ORIGINS` names, only those that a
browser does not show by itself; other pages, none. Programs that are no browsers send no Origin.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.module_loading import import_string
from rest_framework.exceptions import APIException, NotAuthenticated, PermissionDenied

from archive.dicom.ae_titles import ae_title
from dicomweb import tickets
from dicomweb.authentication import BasicAuthentication, TokenAuthentication
from dicomweb.errors import BadRequest
from workflow.selectors.application_entities import may_act_as
from workflow.selectors.events import position_for

#: The subprotocol that is answered when it is offered; none is registered.
SUBPROTOCOL = "dicom"
#: What browsers let a page say about itself is a list of subprotocols; this one is followed by a token.
TOKEN_SUBPROTOCOL = "token."  # noqa: S105

_UNLIMITED = 10**15


class Origin(Enum):
    """Whose page asks."""

    NONE = auto()
    OURS = auto()
    ALLOWED = auto()


@dataclass(frozen=True, slots=True)
class Admission:
    """A channel that may be opened.

    Args:
        position: the sequence that it begins after.
        numbered: the client resumes by sequences, so it is told them.
        who: says who has opened it; raises when they may not sign in any more.
    """

    ae_title: str
    position: int
    numbered: bool
    who: Callable[[], Any] = field(repr=False)

    def still_holds(self) -> bool:
        """Whether it would be given again: people, tokens, sessions and AE titles are taken away."""
        try:
            return may_act_as(self.who(), self.ae_title)
        except APIException:
            return False


def admit(request: HttpRequest, title: str, subprotocols: Sequence[str]) -> Admission:
    """Let somebody open a channel.

    Raises:
        BadRequest: there can be no such AE title, or the query is malformed.
        AuthenticationFailed, NotAuthenticated: nobody knows who is asking.
        PermissionDenied: they, or the page that they are on, may not.
    """
    origin = _origin(request)
    known = legal_title(title)
    after = sequence(request.GET.getlist("after"))
    who = _who(request, known, subprotocols, origin)
    check_may_act_as(who(), known)
    return Admission(known, position_for(known, after), after is not None, who)


def legal_title(text: str) -> str:
    """An AE title of a URL.

    Raises:
        BadRequest: it can be none.
    """
    title = ae_title(text)
    if title is None:
        raise BadRequest("The URL has no legal AE title: 1 to 16 characters of ASCII, no backslash, not only spaces.")
    return title


def check_may_act_as(user: Any, title: str) -> None:
    """Raise NotAuthenticated or PermissionDenied unless they may listen under this AE title."""
    if not may_act_as(user, title):
        raise PermissionDenied(f"This sign-in is not for {title}.") if user.is_authenticated else NotAuthenticated


def sequence(values: Sequence[str]) -> int | None:
    """The sequence in a query to go on after.

    Raises:
        BadRequest: it is no number, or there are several.
    """
    if not values:
        return None
    if len(values) > 1 or not (values[0].isascii() and values[0].isdigit()):
        raise BadRequest("after is the sequence of an event, a number, once.")
    return min(int(values[0][:16]), _UNLIMITED)


def _origin(request: HttpRequest) -> Origin:
    told = request.headers.get("Origin")
    host = request.get_host()  # which must be one of ours in any case
    if told is None:
        return Origin.NONE
    public = urlsplit(settings.ARCHIVE_PUBLIC_URL)
    ours = {f"{request.scheme}://{host}", f"{public.scheme}://{public.netloc}", *settings.CSRF_TRUSTED_ORIGINS}
    if told.lower() in {origin.lower() for origin in ours}:
        return Origin.OURS
    if settings.CORS_ALLOW_ALL_ORIGINS or told in settings.CORS_ALLOWED_ORIGINS:
        return Origin.ALLOWED
    raise PermissionDenied("Pages of this origin may not open event channels (ARCHIVE_CORS_ORIGINS).")


def _who(request: HttpRequest, title: str, subprotocols: Sequence[str], origin: Origin) -> Callable[[], Any]:
    """What the client shows, the most deliberate first."""
    for name in subprotocols:
        if name.startswith(TOKEN_SUBPROTOCOL):
            return partial(_of_token, name.removeprefix(TOKEN_SUBPROTOCOL))
    if "ticket" in request.GET:
        return partial(tickets.holder, tickets.redeem(request.GET["ticket"], title))
    return partial(_of_request, request, origin)


def _of_token(token: str) -> Any:
    return TokenAuthentication().authenticate_credentials(token.encode())[0]


def _of_request(request: Any, origin: Origin) -> Any:
    """By the header or, on our own pages, by the session."""
    if signed_in := TokenAuthentication().authenticate(request):
        return signed_in[0]
    if origin is not Origin.ALLOWED and (signed_in := BasicAuthentication().authenticate(request)):
        return signed_in[0]
    if origin is Origin.OURS:
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        return get_user(request)
    return AnonymousUser()
