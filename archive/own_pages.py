"""Pages of the archive's own that open a WebSocket, and who sits in front of them.

Browsers open one to anywhere for any page, and send their cookies along: those count for pages of our own origin only.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils.module_loading import import_string


def is_ours(request: HttpRequest) -> bool:
    """Whether the page that asks is one of the archive's.

    Raises:
        DisallowedHost: the request is for another host.
    """
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}  # with that of the public URL
    return request.headers.get("Origin", "").lower() in {origin.lower() for origin in ours}


def person(request: HttpRequest) -> Any:
    """Whom the session of the request is of, as it is now."""
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return get_user(request)
