"""Sessions in the database, which end some time after somebody was last there.

Who opens a page or changes something is there, and whoever's page says that they move. What pages look for by
themselves says nothing.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

#: Seconds after which a session is renewed again: each time is a write.
STEP_SECONDS = 60


class SessionStore(db.SessionStore):
    """Django's own, whose keys are letters and digits: PostgreSQL cannot even be asked for a NUL."""

    #: When it ends; None for one that is not stored.
    ends_at: Any = None

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and key.isascii() and key.isalnum() and super()._validate_session_key(key)  # type: ignore[misc]

    def _get_session_from_db(self) -> Any:
        found = super()._get_session_from_db()  # type: ignore[misc]
        self.ends_at = found.expire_date if found else None
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        made = super().create_model_instance(data)
        self.ends_at = made.expire_date
        return made

    @property
    def seconds_left(self) -> int:
        """Until it ends, if nobody is there any more; of a session that has been read."""
        return max(0, int((self.ends_at - timezone.now()).total_seconds())) if self.ends_at else 0

    def renew(self) -> None:
        """Somebody is there: it ends as late as it can. Nothing else is written: others may be changing the session."""
        left, whole = self.seconds_left, settings.SESSION_COOKIE_AGE
        if left and not whole - STEP_SECONDS <= left <= whole:
            self.ends_at = self.get_expiry_date()
            self.model.objects.filter(session_key=self.session_key).update(expire_date=self.ends_at)


class PresenceMiddleware:
    """Renews the session of who opens a page, or changes something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        session: Any = request.session
        if session.accessed and request.user.is_authenticated and is_presence(request):
            session.renew()
        return response


def is_presence(request: HttpRequest) -> bool:
    """Whether a person has caused the request: browsers ask for pages in so many words, and scripts for anything."""
    if request.method not in {"GET", "HEAD"}:
        return True
    return "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers
