"""Bytes that take work to make, such as decoded frames: made once, and kept in memory for who asks again."""

import os
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock

from cachetools import LRUCache
from django.conf import settings

#: What takes more than this part of the room would drive out too much else.
_MOST_OF_ROOM = 8


class MadeBytes:
    """Up to `size` bytes; those go first that nobody has asked for the longest. Nothing above `largest` is kept."""

    def __init__(self, size: int) -> None:
        self._size, self.largest = size, size // _MOST_OF_ROOM
        self.clear()

    def clear(self) -> None:
        """Begin anew, also in a process that was forked while others were at work here."""
        self._lock = Lock()
        self._kept: LRUCache[Hashable, bytes] = LRUCache(self._size, getsizeof=len)
        self._coming: dict[Hashable, Future[bytes]] = {}

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """The bytes of this key, made now where they are not kept.

        Who asks while another makes them waits, and gets the same bytes, or the same error. Errors are not kept.
        """
        with self._lock:
            if (kept := self._kept.get(key)) is not None:
                return kept
            others = self._coming.get(key)
            coming = self._coming.setdefault(key, Future())
        if others:
            return others.result()
        try:
            made = make()
        except BaseException as error:
            self._finish(key)
            coming.set_exception(error)
            raise
        self._finish(key, made)
        coming.set_result(made)
        return made

    def _finish(self, key: Hashable, made: bytes | None = None) -> None:
        with self._lock:
            self._coming.pop(key, None)
            if made is not None and len(made) <= self.largest:
                self._kept[key] = made


_made = MadeBytes(settings.ARCHIVE_CACHE_SIZE)
os.register_at_fork(after_in_child=_made.clear)

#: `MadeBytes.get` of what this process makes. Keys begin with what it is: ("native frame", digest, number).
get = _made.get
largest = _made.largest
#: For tests.
clear = _made.clear
