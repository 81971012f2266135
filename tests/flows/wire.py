"""One TCP connection to an archive, for requests that no well-behaved client would make."""

import socket
from collections.abc import Iterable
from http.client import HTTPResponse
from struct import pack
from typing import Self

from tests.live_archive import LiveArchive

#: Longer than any answer takes on a busy machine; a test that waits for so long has failed.
PATIENCE = 30


class Wire:
    """A connection that is written to piece by piece.

    Args:
        receive_buffer: the bytes that may lie unread on our side before the archive has to wait; None: many.
    """

    def __init__(self, archive: LiveArchive, *, receive_buffer: int | None = None) -> None:
        self._token = archive.token()
        self._host = f"127.0.0.1:{archive.port}"
        self._socket = socket.socket()
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(("127.0.0.1", archive.port))

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def request(self, method: str, path: str, *headers: str, signed_in: bool = True) -> None:
        """Send the head of a request for a path below the service root."""
        lines = [f"{method} /dicom-web{path} HTTP/1.1", f"Host: {self._host}", *headers]
        if signed_in:
            lines.append(f"Authorization: Token {self._token}")
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send_chunks(self, chunks: Iterable[bytes]) -> None:
        """Send pieces of a body in the chunked transfer coding, without the last chunk, which ends it."""
        for chunk in chunks:
            self.send(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")

    def receive(self, size: int = 1 << 16) -> bytes:
        """What has arrived; nothing at the end."""
        return self._socket.recv(size)

    def answer(self, *, to: str = "GET") -> HTTPResponse:
        """Wait for the head of the answer."""
        response = HTTPResponse(self._socket, method=to)
        response.begin()
        return response

    def reset(self) -> None:
        """Break the connection as a process that is killed does when data is under way."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
