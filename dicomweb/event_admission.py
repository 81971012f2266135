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

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.exceptions import APIException, PermissionDenied

from archive.own_pages import is_ours, person
from dicomweb import tickets
from dicomweb.authentication import BasicAuthentication, TokenAuthentication
from dicomweb.http import workitem_parameters
from dicomweb.permissions import VIEW_WORKITEM, may
from dicomweb.requester import subscriber
from workflow.selectors.events import position_for

#: The subprotocol that is answered when it is offered; none is registered.
SUBPROTOCOL = "dicom"
#: What browsers let a page say about itself is a list of subprotocols; this one is followed by a token.
TOKEN_SUBPROTOCOL = "token."  # noqa: S105


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
        check: raises when it would not be given any more.
    """

    ae_title: str
    position: int
    numbered: bool
    check: Callable[[], Any] = field(repr=False)

    def still_holds(self) -> bool:
        """People, tokens, sessions and AE titles are taken away."""
        try:
            self.check()
        except APIException:
            return False
        return True


def admit(request: HttpRequest, title: str, subprotocols: Sequence[str]) -> Admission:
    """Let somebody open a channel.

    Raises:
        BadRequest: there can be no such AE title.
        MalformedParameters: the query is malformed.
        AuthenticationFailed, NotAuthenticated: nobody knows who is asking.
        PermissionDenied: they, or the page that they are on, may not.
    """
    origin = _origin(request)
    after = workitem_parameters.after(request.META.get("QUERY_STRING", ""))
    check = partial(_checked, request, title, _who(request, title, subprotocols, origin))
    known = check()
    return Admission(known, position_for(known, after), after is not None, check)


def _checked(request: Any, title: str, who: Callable[[], Any]) -> str:
    """The AE title, if they may listen under it now."""
    request.user = who()
    known = subscriber(request, title)
    if not may(request, VIEW_WORKITEM):
        raise PermissionDenied("You may not see workitems.")
    return known


def _origin(request: HttpRequest) -> Origin:
    if is_ours(request):
        return Origin.OURS
    told = request.headers.get("Origin")
    if told is None:
        return Origin.NONE
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
        return person(request)
    return AnonymousUser()
