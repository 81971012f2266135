"""Connections whose answers have an end: one that drips without end is cut off.

A socket's timeout is for each piece, and there is no bound to the pieces of a line, of a chunk, or of interim answers.
"""

import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from threading import Timer
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

#: How many times as long as a piece a whole answer may take.
TIMES = 2


class Limit:
    """The end of an answer that is read from a socket, so many seconds from now."""

    def __init__(self, connected: Any, seconds: float) -> None:
        self.reached = False
        self._socket = getattr(connected, "socket", connected)  # what is around TLS within TLS has it
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def __enter__(self) -> "Limit":
        return self

    def __exit__(self, *error: object) -> None:
        """The answer has been read, or given up."""
        self._timer.cancel()

    def _cut(self) -> None:
        self.reached = True
        with suppress(OSError):  # it is closed
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # below TLS, which would wait for the other side


class _Connection(HTTPConnection):
    def getresponse(self) -> Any:
        return _with_limit(self, super().getresponse)


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        return _with_limit(self, super().getresponse)


def _with_limit(connection: Any, answer: Callable[[], Any]) -> Any:
    """The answer, as soon as it has begun, with its `limit`."""
    with ExitStack() as stack:
        limit = stack.enter_context(Limit(connection.sock, TIMES * connection.timeout))
        response = answer()
        response.limit = limit
        stack.pop_all()
    return response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def limited(manager: PoolManager) -> PoolManager:
    """The same, with such connections."""
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager
