"""Who acts: set around each request, and read where something is noted."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from archive.audit.events import Way


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, and how they came.

    Args:
        person: their username; empty for who has not signed in.
        credential: by which they were known: a session, a password, a token, a share link.
        address: of the client, behind trusted proxies.
    """

    person: str
    credential: str
    address: str
    way: Way


_acting: ContextVar[Callable[[], Actor] | None] = ContextVar("acting", default=None)


@contextmanager
def acting(who: Callable[[], Actor]) -> Iterator[None]:
    """What is done inside is done by whom `who` gives, at the moment when something is noted."""
    before = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(before)


def actor() -> Actor:
    """Who acts now. Outside of requests it is whoever runs the process."""
    who = _acting.get()
    return who() if who else _operator()


@cache
def _operator() -> Actor:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run as somebody who has no name
        name = ""
    return Actor(name, "", "", Way.COMMAND)
