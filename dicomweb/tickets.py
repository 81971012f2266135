"""Tickets: a page that cannot show its token when it opens a WebSocket shows one of these in the URL instead.

A ticket opens one channel, once, and soon. It is a row of Django's table of sessions, which every process knows.
"""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from rest_framework.exceptions import AuthenticationFailed

LIFETIME = timedelta(seconds=30)

_AE_TITLE, _USER = "event_channel", "ticket_of"


def issue(user: Any, ae_title: str) -> str:
    """A ticket for a channel of this AE."""
    store = _store()
    store.clear_expired()
    store[_AE_TITLE], store[_USER] = ae_title, user.pk
    store.set_expiry(LIFETIME)
    store.create()
    return str(store.session_key)


def redeem(ticket: str, ae_title: str) -> Any:
    """The primary key of whom it was given to; None for somebody who had not signed in.

    Raises:
        AuthenticationFailed: it is none, or for another AE, or it has been used, or its time is over.
    """
    store = _store(ticket)
    found = store.load()
    # Of several who come with the same one, one deletes it.
    if found.get(_AE_TITLE) != ae_title or not Session.objects.filter(session_key=store.session_key).delete()[0]:
        raise AuthenticationFailed("The ticket is for another channel, has been used or is too old.")
    return found[_USER]


def holder(key: Any) -> Any:
    """The user with this primary key.

    Raises:
        AuthenticationFailed: there is none who may sign in.
    """
    if key is None:
        return AnonymousUser()
    user = get_user_model()._default_manager.filter(pk=key, is_active=True).first()
    if user is None:
        raise AuthenticationFailed("The holder of the ticket may not sign in any more.")
    return user


def _store(key: str | None = None) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)
