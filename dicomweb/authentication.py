"""Basic authentication that can be used for every request of a gateway or a script; tokens; what pages come with."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from knox import auth as knox
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from archive.models import ShareLink
from archive.share_access import Bearer, link_to

#: A password is hashed slowly on purpose, some tenths of a second each time. So that Basic authentication is usable for
#: many small requests, a password that was right is remembered (by a keyed digest) for so many seconds.
REMEMBERED_SECONDS = 300


class BasicAuthentication(authentication.BasicAuthentication):
    www_authenticate_realm = "archive"

    def authenticate_header(self, request: Request) -> str | None:
        """A page whose session has ended asks people to sign in again; the browser's own dialog must not come first."""
        if request.headers.get("Sec-Fetch-Dest") == "empty":
            return TokenAuthentication.challenge
        return super().authenticate_header(request)

    def authenticate_credentials(self, userid: str, password: str, request: Request | None = None) -> tuple[Any, None]:
        if "\0" in userid:
            raise exceptions.AuthenticationFailed("Invalid username/password.")
        user = get_user_model()._default_manager.filter(**{get_user_model().USERNAME_FIELD: userid}).first()
        if user and user.is_active and cache.get(_digest(user, password)):
            return user, None
        answer: tuple[Any, None] = super().authenticate_credentials(userid, password, request)
        cache.set(_digest(answer[0], password), True, REMEMBERED_SECONDS)
        return answer


class TokenAuthentication(knox.TokenAuthentication):  # type: ignore[misc]
    """Tokens of knox, which fails on what is not UTF-8."""

    challenge = "Token"

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():
            raise exceptions.AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)


class PageAuthentication(authentication.SessionAuthentication):
    """The session of who has signed in; for who may see nothing by it, a share link that they have opened."""

    def authenticate(self, request: Request) -> tuple[Any, ShareLink | None] | None:
        signed_in = super().authenticate(request)
        if signed_in and signed_in[0].has_perm("archive.view_instance"):
            return signed_in
        study = _study_of_picture(request)
        link = link_to(request._request, study) if study else None
        return (Bearer(), link) if link else signed_in


def _study_of_picture(request: Request) -> str | None:
    """Of which study a picture is asked for; None for all other requests.

    By the URI Service only as a JPEG, which is no object; that gives no parameter twice, `wado_parameters` sees to.
    """
    called = request.parser_context
    method = "GET" if request.method == "HEAD" else request.method
    module = getattr(called["view"], "modules", {}).get(method, "").rpartition(".")[2]
    if module in {"rendered", "thumbnail"}:
        return str(called["kwargs"]["study"])
    if module == "wado_uri" and request.GET.getlist("contentType") == ["image/jpeg"]:
        return request.GET.get("studyUID")
    return None


def _digest(user: AbstractBaseUser, password: str) -> str:
    """Depends on the stored hash too: a changed password ends what was remembered."""
    secret = f"{user.pk}\0{user.password}\0{password}"
    return "basic-" + salted_hmac("dicomweb.basic", secret, algorithm="sha256").hexdigest()
