"""Who may see pages: people who have signed in and have the permission. Nothing that is on them is kept by browsers."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from archive.errors import NotStored

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def page(*permissions: str) -> Callable[[Page[P]], Page[P]]:
    """A view for people with one of these permissions; others are asked to sign in, or refused when they have."""

    def decorate(view: Page[P]) -> Page[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in(request)
            if not any(map(request.user.has_perm, permissions)):
                raise PermissionDenied
            try:
                response = view(request, *args, **kwargs)
            except NotStored as error:
                raise Http404 from error
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        return guarded

    return decorate


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks, for a part of the page that is open already."""
    return request.headers.get("HX-Request") == "true"


def _sign_in(request: HttpRequest) -> HttpResponse:
    if not is_fragment(request):
        return redirect_to_login(request.get_full_path())
    # A redirect would put the sign-in into the middle of the page: the browser is to load the whole page again.
    return HttpResponse(status=401, headers={"HX-Refresh": "true"})
