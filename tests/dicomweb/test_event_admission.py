"""Who may open an event channel: every page, with everything that it or its browser can show."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Permission
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.test import Client, RequestFactory
from knox.models import AuthToken
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, PermissionDenied

from archive.dicom.matching.query_strings import MalformedParameters
from dicomweb import tickets
from dicomweb.errors import BadRequest
from dicomweb.event_admission import Admission, admit
from tests.worklist import application_entity

pytestmark = pytest.mark.django_db

AE, PASSWORD = "WATCHER", "correct horse"
OURS, VIEWER, STRANGER = "http://testserver", "https://viewer.example.org", "https://elsewhere.example"


@pytest.fixture(autouse=True)
def _viewer_is_allowed(settings: LazySettings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [VIEWER]
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def watcher() -> AbstractUser:
    """Somebody who may see workitems, and to whom the AE title belongs."""
    user = get_user_model().objects.create_user("watcher", password=PASSWORD)
    user.user_permissions.add(Permission.objects.get(codename="view_workitem"))
    application_entity(AE).users.add(user)
    return user


def handshake(origin: str | None = None, query: str = "", **headers: str) -> HttpRequest:
    told = headers if origin is None else {"Origin": origin, **headers}
    return RequestFactory().get(f"/dicom-web/subscribers/{AE}{query}", headers=told)


#: What somebody shows: makes the request of a page, and what it offers as subprotocols.
Shown = Callable[[AbstractUser, str | None], tuple[HttpRequest, Sequence[str]]]


def nothing(user: AbstractUser, origin: str | None) -> tuple[HttpRequest, Sequence[str]]:
    return handshake(origin), ()


def token_header(user: AbstractUser, origin: str | None) -> tuple[HttpRequest, Sequence[str]]:
    return handshake(origin, Authorization=f"Token {token_of(user)}"), ()


def password(user: AbstractUser, origin: str | None) -> tuple[HttpRequest, Sequence[str]]:
    pair = b64encode(f"{user.get_username()}:{PASSWORD}".encode()).decode()
    return handshake(origin, Authorization=f"Basic {pair}"), ()


def cookie(user: AbstractUser, origin: str | None) -> tuple[HttpRequest, Sequence[str]]:
    client = Client()
    client.force_login(user)
    return handshake(origin, Cookie=f"sessionid={client.session.session_key}"), ()


def token_subprotocol(user: AbstractUser, origin: str | None) -> tuple[HttpRequest, Sequence[str]]:
    return handshake(origin), ["dicom", f"token.{token_of(user)}"]


def ticket(user: AbstractUser, origin: str | None) -> tuple[HttpRequest, Sequence[str]]:
    return handshake(origin, f"?ticket={tickets.issue(user, AE)}"), ()


def token_of(user: AbstractUser) -> str:
    return AuthToken.objects.create(user)[1]


@pytest.mark.parametrize(
    ("shown", "pages"),
    [
        # Programs, our pages, pages of an origin that is allowed: others never.
        (nothing, "no no no"),
        (token_header, "yes yes yes"),
        (token_subprotocol, "yes yes yes"),
        (ticket, "yes yes yes"),
        (password, "yes yes no"),
        (cookie, "no yes no"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_page_shows_counts_or_not(watcher: AbstractUser, shown: Shown, pages: str) -> None:
    def outcome(origin: str | None) -> str:
        try:
            admit(shown(watcher, origin)[0], AE, shown(watcher, origin)[1])
        except NotAuthenticated:
            return "no"
        return "yes"

    assert " ".join(map(outcome, (None, OURS, VIEWER))) == pages
    for origin in (STRANGER, "null", "https://testserver", "http://testserver:81", "://", ""):
        request, subprotocols = shown(watcher, origin)
        with pytest.raises(PermissionDenied):
            admit(request, AE, subprotocols)


def admitted(user: AbstractUser, query: str = "") -> Admission:
    return admit(handshake(None, query, Authorization=f"Token {token_of(user)}"), AE, ())


@pytest.mark.parametrize("origin", ["https://images.example.org", "https://trusted.example"])
def test_trusted_origins_are_ours(watcher: AbstractUser, settings: LazySettings, origin: str) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://images.example.org", "https://trusted.example"]

    assert admit(*reordered(cookie(watcher, origin))).ae_title == AE


def reordered(shown: tuple[HttpRequest, Sequence[str]]) -> tuple[HttpRequest, str, Sequence[str]]:
    return shown[0], AE, shown[1]


def test_any_origin_is_allowed_where_all_are_but_not_as_ours(watcher: AbstractUser, settings: LazySettings) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = True

    assert admit(*reordered(token_subprotocol(watcher, STRANGER)))
    with pytest.raises(NotAuthenticated):
        admit(*reordered(cookie(watcher, STRANGER)))


def test_an_ae_title_is_for_those_it_belongs_to(watcher: AbstractUser) -> None:
    other = get_user_model().objects.create_user("other")
    other.user_permissions.add(Permission.objects.get(codename="view_workitem"))

    with pytest.raises(PermissionDenied):
        admit(*reordered(token_header(other, None)))
    other.user_permissions.add(Permission.objects.get(codename="use_any_ae_title"))
    assert admit(*reordered(token_header(get_user_model().objects.get(pk=other.pk), None))).ae_title == AE


def test_who_may_not_see_workitems_hears_of_none(watcher: AbstractUser) -> None:
    watcher.user_permissions.clear()

    with pytest.raises(PermissionDenied):
        admitted(watcher)


def test_where_anybody_may_write_anybody_may_listen(settings: LazySettings) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"

    assert admit(handshake(), "ANY TITLE", ()).ae_title == "ANY TITLE"
    with pytest.raises(PermissionDenied):
        admit(handshake(STRANGER), AE, ())


@pytest.mark.parametrize(
    "wrong",
    [
        (handshake(None, Authorization="Token 0123"), ()),
        (handshake(None, Authorization="Token"), ()),
        (handshake(None, Authorization="Basic !"), ()),
        (handshake(), ["token.0123"]),
        (handshake(), ["token."]),
        (handshake(), ["token.\u00e4"]),
        (handshake(None, "?ticket=0123"), ()),
        (handshake(None, "?ticket="), ()),
    ],
)
def test_what_is_wrong_is_not_taken_for_nothing(
    settings: LazySettings, wrong: tuple[HttpRequest, Sequence[str]]
) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"

    with pytest.raises(AuthenticationFailed):
        admit(wrong[0], AE, wrong[1])


@pytest.mark.parametrize("cookie", ["sessionid=", "sessionid=%00", "sessionid=0123456789", "sessionid=" + 9000 * "x"])
def test_a_session_that_there_is_not_is_nobodys(cookie: str) -> None:
    with pytest.raises(NotAuthenticated):
        admit(handshake(OURS, Cookie=cookie), AE, ())


def test_a_host_that_is_not_ours_is_nobody_s_to_name(settings: LazySettings) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"

    for origin in (None, "http://evil.example"):
        with pytest.raises(DisallowedHost):
            admit(handshake(origin, Host="evil.example"), AE, ())


@pytest.mark.parametrize("title", ["", " ", 17 * "A", "A\\B", "A\0B", "A\x1fB", "\u00e4"])
def test_what_is_no_ae_title_has_no_channel(settings: LazySettings, title: str) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"

    with pytest.raises(BadRequest):
        admit(handshake(), title, ())


@pytest.mark.parametrize(
    "query", ["after=", "after=x", "after=-1", "after=1.0", "after=%C2%B2", "after=1&after=2", "ticket=%00"]
)
def test_a_malformed_query_is_refused(settings: LazySettings, query: str) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"

    with pytest.raises(MalformedParameters):
        admit(handshake(None, f"?{query}"), AE, ())


@pytest.mark.parametrize(
    ("query", "numbered"), [("", False), ("?after=0", True), ("?after=00", True), (f"?after={9000 * '9'}", True)]
)
def test_who_resumes_is_told_numbers(watcher: AbstractUser, query: str, numbered: bool) -> None:
    assert admitted(watcher, query).numbered == numbered


# -- afterwards ------------------------------------------------------------------


@pytest.mark.parametrize("shown", [token_header, token_subprotocol, ticket, password, cookie])
def test_an_admission_holds_until_it_is_taken_away(watcher: AbstractUser, shown: Shown) -> None:
    admission = admit(*reordered(shown(watcher, OURS)))
    assert admission.still_holds()

    watcher.is_active = False
    watcher.save()

    assert not admission.still_holds()


def taken_from(title: str) -> None:
    application_entity(title).users.clear()


@pytest.mark.parametrize(
    "take_away",
    [
        pytest.param(lambda user: taken_from(AE), id="the AE title"),
        pytest.param(lambda user: AuthToken.objects.all().delete(), id="the token"),
        pytest.param(lambda user: user.user_permissions.clear(), id="the permission"),
        pytest.param(lambda user: user.delete(), id="the user"),
    ],
)
def test_what_it_was_given_for_can_be_taken_away(watcher: AbstractUser, take_away: Callable[[Any], None]) -> None:
    admission = admitted(watcher)

    take_away(watcher)

    assert not admission.still_holds()


def test_who_signs_out_closes_the_channels_of_the_session(watcher: AbstractUser) -> None:
    request, _ = cookie(watcher, OURS)
    admission = admit(request, AE, ())

    client = Client()
    client.cookies["sessionid"] = request.COOKIES["sessionid"]
    client.logout()

    assert not admission.still_holds()


# -- tickets ---------------------------------------------------------------------


def test_a_ticket_opens_one_channel_once(watcher: AbstractUser) -> None:
    shown = tickets.issue(watcher, AE)

    with pytest.raises(AuthenticationFailed):
        tickets.redeem(shown, "ANOTHER")
    assert tickets.redeem(shown, AE) == watcher.pk
    with pytest.raises(AuthenticationFailed):
        tickets.redeem(shown, AE)


def test_a_ticket_is_for_soon(watcher: AbstractUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "LIFETIME", -tickets.LIFETIME)
    shown = tickets.issue(watcher, AE)

    with pytest.raises(AuthenticationFailed):
        tickets.redeem(shown, AE)


def test_a_session_is_no_ticket_and_a_ticket_no_session(watcher: AbstractUser) -> None:
    request, _ = cookie(watcher, OURS)
    with pytest.raises(AuthenticationFailed):
        tickets.redeem(request.COOKIES["sessionid"], AE)
    assert admit(request, AE, ())

    with pytest.raises(APIException):
        admit(handshake(OURS, Cookie=f"sessionid={tickets.issue(watcher, AE)}"), AE, ())
