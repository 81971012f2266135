"""Passwords that are checked: by pages and by Basic authentication, and not for who has tried too many wrong ones.

Counted in each process: with several, there are so many times as many tries. Whoever has signed in, or has a token, is
not touched, nor is a right password that Basic authentication remembers.
"""

import logging
import time
from collections.abc import Callable, Hashable
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import Any

from cachetools import LRUCache
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

log = logging.getLogger(__name__)

#: Wrong passwords within so many seconds, for one account from one address, and for all accounts from there.
SECONDS, MOST_OF_ACCOUNT, MOST_OF_ADDRESS = 300, 10, 100
#: Who has one IPv6 address has all of its network.
IPV6_NETWORK = 64
#: Of what is counted, the oldest is forgotten first.
MOST_COUNTED = 100_000


class WrongPasswords:
    """How many there have been in these minutes: those before have been forgotten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        self._numbers: LRUCache[Hashable, int] = LRUCache(MOST_COUNTED)

    def are_too_many(self, address: str, name: str) -> bool:
        of_account, of_address = self._keys(address, name)
        with self._lock:
            numbers = self._numbers.get(of_account, 0), self._numbers.get(of_address, 0)
        return numbers[0] >= MOST_OF_ACCOUNT or numbers[1] >= MOST_OF_ADDRESS

    def count(self, address: str, name: str) -> None:
        keys = self._keys(address, name)
        with self._lock:
            for key in keys:
                self._numbers[key] = self._numbers.get(key, 0) + 1
            numbers = [self._numbers[key] for key in keys]
        if numbers[0] == MOST_OF_ACCOUNT or numbers[1] == MOST_OF_ADDRESS:
            log.warning("too many wrong passwords from %s: no more are tried for some minutes", address)

    def clear(self, address: str, name: str) -> None:
        """The account's own: somebody has remembered the right one."""
        of_account, _ = self._keys(address, name)
        with self._lock:
            self._numbers.pop(of_account, None)

    def _keys(self, address: str, name: str) -> tuple[Hashable, Hashable]:
        minutes = int(self._clock() // SECONDS)
        return (minutes, address, name), (minutes, address)


wrong_passwords = WrongPasswords()


class PasswordBackend(ModelBackend):
    """Django's own, which checks no password of who has tried too many."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        if request is None or username is None:  # nobody asks from anywhere
            return super().authenticate(request, username, password, **kwargs)
        who = _network(request.META.get("REMOTE_ADDR", "")), username.casefold()[:150]
        if wrong_passwords.are_too_many(*who):
            raise PermissionDenied
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            wrong_passwords.count(*who)
        else:
            wrong_passwords.clear(*who)
        return user


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network((parsed, IPV6_NETWORK), strict=False))
