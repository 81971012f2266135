"""Calls of pure functions in child processes, which are few, and kept for the next call."""

import atexit
import logging
import os
from collections.abc import Callable
from threading import Semaphore
from typing import TypeVar, TypeVarTuple

from django.conf import settings

from archive.isolation.child import Child, Limits

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

log = logging.getLogger(__name__)

#: What libraries leak over time is gone with the process: after so many calls another takes its place.
MOST_CALLS = 5000


class Children:
    """Up to `most` processes, started when they are needed first; each works for one thread at a time."""

    def __init__(self, most: int, limits: Limits) -> None:
        self._most, self._limits = most, limits
        #: Kept, because to collect what a thread was reading from could wait for that thread.
        self._disowned: list[Child] = []
        self._begin()

    def _begin(self) -> None:
        self._turns = Semaphore(self._most)
        self._idle: list[Child] = []
        self._running: set[Child] = set()

    def call(self, function: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """As `isolated`."""
        with self._turns:
            child = self._next()
            try:
                error, made = child.call(function, arguments)
            except BaseException as problem:
                log.warning("A child process is ended: %s", problem)
                self._end(child)
                raise
            if child.calls < MOST_CALLS:
                self._idle.append(child)
            else:
                self._end(child)
        if error:
            raise error
        result: T = made
        return result

    def end(self) -> None:
        """End all of them, whatever they are doing."""
        self._idle.clear()
        for child in list(self._running):
            self._end(child)

    def after_fork(self) -> None:
        """In a process that has been forked: the children are its parent's."""
        for child in self._running:
            child.disown()
        self._disowned += self._running
        self._begin()

    def _next(self) -> Child:
        """The one that worked last, while its memory is still in the processor's cache; a new one if none is idle."""
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
            self._end(child)
        child = Child(self._limits)
        self._running.add(child)
        return child

    def _end(self, child: Child) -> None:
        child.end()
        self._running.discard(child)


_children = Children(settings.ARCHIVE_DECODERS, Limits(settings.ARCHIVE_DECODE_MEMORY, settings.ARCHIVE_DECODE_SECONDS))
os.register_at_fork(after_in_child=_children.after_fork)
atexit.register(_children.end)


def isolated(function: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
    """What the function returns, or raises, called in a child process (`archive.dicom.runner`), once one is free.

    Args:
        function: one of `archive.dicom` that needs nothing but its arguments. The result is made of bytes, numbers,
            texts, collections and `PixelDescription`.

    Raises:
        MalformedPixelData: the call takes more time or memory than it may, or the process dies of it.
        NoProcess: no child can be started.
    """
    return _children.call(function, *arguments)
