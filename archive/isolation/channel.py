"""What parent and child say to each other: pickled objects through a socket."""

import os
import pickle
import socket
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Any

#: Bytes that are read at once; longer values go straight to where they are kept.
_READ_BUFFER = 1 << 16
#: What Linux gives whoever asks. With its default, a frame of 15 MB takes a millisecond longer.
_SEND_BUFFER = 1 << 18


class _Incoming(RawIOBase):
    """What comes through a socket up to a deadline: who sends a byte now and then is not waited for each time."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self.deadline: float | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self.deadline is not None:
            left = self.deadline - monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._socket.settimeout(left)
        return self._socket.recv_into(buffer)


class Channel:
    """One end of a socket. Long values are copied once, into it: a frame of 15 MB takes about 3 ms."""

    def __init__(self, end: socket.socket) -> None:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._socket = end
        self._seconds: float | None = None
        self._bytes = _Incoming(end)
        self._coming = BufferedReader(self._bytes, _READ_BUFFER)

    def send(self, message: Any) -> None:
        """Raises OSError when nobody takes it, TimeoutError when it takes too long."""
        self._socket.settimeout(self._seconds)
        pickle.dump(message, self, pickle.HIGHEST_PROTOCOL)

    def write(self, data: bytes) -> None:
        """For `pickle`."""
        self._socket.sendall(data)

    def receive(self, unpickler: type[pickle.Unpickler] = pickle.Unpickler) -> Any:
        """Raises EOFError when the other end is closed, OSError and TimeoutError as `send`."""
        self._bytes.deadline = None if self._seconds is None else monotonic() + self._seconds
        return unpickler(self._coming).load()

    def settimeout(self, seconds: float | None) -> None:
        """How long each message may take as a whole, after which no further one can be read."""
        self._seconds = seconds
        self._socket.settimeout(seconds)

    def close(self) -> None:
        self._coming.close()
        self._socket.close()

    def abandon(self) -> None:
        """Close it in a process that was forked, where a thread that is no more may have a lock on the reader."""
        os.close(self._socket.detach())
