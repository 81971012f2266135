"""A small blocking HTTP/1.1 client and the multipart helpers the benchmark needs.

Why not a client library: on a machine shared with the server, every microsecond
the client spends is taken from the server, so the numbers would describe the
client. This one does one send and a few recv_into() calls per request, keeps the
connection open where the server allows it, and can drain a response without
keeping it.
"""

import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

BUFFER = 1 << 20


class WireError(Exception):
    """The server broke HTTP, or the connection."""


class _ClosedEarly(WireError):
    """The server closed the connection before the first byte of a response."""


@dataclass
class Response:
    status: int
    headers: dict  # lower-case names; repeated headers joined with ", "
    body: bytearray | None  # None when the response was drained
    length: int  # body bytes received
    first_byte: float  # seconds from the start of the request
    elapsed: float  # seconds to the last byte

    @property
    def content_type(self):
        return self.headers.get("content-type", "")


class Connection:
    """One connection to one origin; reopened when the server has closed it.

    Not thread-safe: give each thread its own.
    """

    def __init__(self, base_url, headers=None, timeout=300.0):
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https"):
            raise ValueError(f"not an http(s) URL: {base_url}")
        self._tls = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        self._prefix = parts.path.rstrip("/")
        self._timeout = timeout
        common = {"Host": parts.netloc, "User-Agent": "dicomweb-bench", **(headers or {})}
        self._common = "".join(f"{k}: {v}\r\n" for k, v in common.items())
        self._socket = None
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._start = self._end = 0

    def get(self, path, accept, keep=True):
        return self.request("GET", path, {"Accept": accept}, keep=keep)

    def request(self, method, path, headers=None, body=b"", keep=True):
        """Send a request; with keep=False the body is read, counted and dropped."""
        lines = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
        if body or method == "POST":
            lines += f"Content-Length: {len(body)}\r\n"
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._common}{lines}\r\n".encode()
        reused = self._socket is not None
        begun = time.perf_counter()
        try:
            return self._exchange(head, body, keep, begun)
        except _ClosedEarly:
            # An idle keep-alive connection the server has dropped: try once, anew.
            self.close()
            if not reused:
                raise
            return self._exchange(head, body, keep, begun)
        except BaseException:
            self.close()
            raise

    # -- one exchange ---------------------------------------------------------

    def _exchange(self, head, body, keep, begun):
        if self._socket is None:
            self._connect()
        try:
            if len(body) < 16384:
                self._socket.sendall(head + body)
            else:
                self._socket.sendall(head)
                self._socket.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server may have answered before it hung up: read that
        self._start = self._end = 0
        try:
            self._fill()
        except (WireError, ConnectionResetError) as error:
            raise _ClosedEarly("connection closed without a response") from error
        first_byte = time.perf_counter() - begun
        status, headers = self._read_head()
        body, length, delimited = self._read_body(status, headers, keep)
        elapsed = time.perf_counter() - begun
        if not delimited or "close" in headers["connection"].lower():
            self.close()
        return Response(status, headers, body, length, first_byte, elapsed)

    def _connect(self):
        plain = socket.create_connection((self._host, self._port), timeout=self._timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)
        self._socket = plain

    def _fill(self):
        """Append what the socket has to the buffer, making room if needed."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._end == BUFFER:
            held = self._end - self._start
            if held == BUFFER:
                raise WireError("header or chunk line too long")
            self._buffer[:held] = self._buffer[self._start : self._end]
            self._start, self._end = 0, held
        got = self._socket.recv_into(self._view[self._end :])
        if got == 0:
            raise WireError("connection closed in the middle of a response")
        self._end += got

    def _read_until(self, mark):
        """The bytes up to and without `mark`, which is consumed."""
        while (at := self._buffer.find(mark, self._start, self._end)) < 0:
            self._fill()
        found = bytes(self._view[self._start : at])
        self._start = at + len(mark)
        return found

    def _read_head(self):
        while True:
            lines = self._read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            version, status = lines[0].split(" ", 2)[:2]
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                name, value = name.strip().lower(), value.strip()
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
            if not status.startswith("1"):  # skip 100 Continue and its like
                headers.setdefault("connection", "close" if version == "HTTP/1.0" else "keep-alive")
                return int(status), headers

    def _read_body(self, status, headers, keep):
        """(body or None, its length, whether the connection can serve another request)."""
        if status in (204, 304):
            return (bytearray() if keep else None), 0, True
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return *self._read_chunks(bytearray() if keep else None), True
        if "content-length" in headers:
            length = int(headers["content-length"])
            body = bytearray(length) if keep else None
            self._read_exactly(length, body)
            return body, length, True
        return *self._read_to_close(bytearray() if keep else None), False

    def _read_exactly(self, size, place=None):
        """Read so many bytes: into `place`, or to be dropped."""
        at = min(size, self._end - self._start)
        if place is not None:
            place[:at] = self._view[self._start : self._start + at]
        self._start += at
        with memoryview(self._buffer if place is None else place) as room:
            while at < size:
                free = room[: size - at] if place is None else room[at:size]
                got = self._socket.recv_into(free)
                if got == 0:
                    raise WireError("connection closed in the middle of a response")
                at += got

    def _read_chunks(self, body):
        length = 0
        while size := int(self._read_until(b"\r\n").split(b";")[0], 16):
            chunk = None if body is None else bytearray(size)
            self._read_exactly(size, chunk)
            if body is not None:
                body += chunk
            length += size
            self._read_until(b"\r\n")
        while self._read_until(b"\r\n"):
            pass  # trailers
        return body, length

    def _read_to_close(self, body):
        length = 0
        while True:
            if body is not None:
                body += self._view[self._start : self._end]
            length += self._end - self._start
            self._start = self._end = 0
            got = self._socket.recv_into(self._view)
            if got == 0:
                return body, length
            self._end = got


# -- multipart ------------------------------------------------------------------


def related(payloads, part_type="application/dicom", boundary="dicomweb-bench-5b1c7f0e"):
    """A multipart/related body as one bytes object, and its Content-Type."""
    head = f"--{boundary}\r\nContent-Type: {part_type}\r\n\r\n".encode()
    pieces = []
    for payload in payloads:
        pieces += (head, payload, b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces), f'multipart/related; type="{part_type}"; boundary={boundary}'


def parameter(header, name):
    """A parameter of a structured header such as Content-Type, unquoted."""
    for piece in header.split(";")[1:]:
        key, _, value = piece.partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"')
    return None


def split_related(response):
    """The (headers, payload) parts of a multipart/related response."""
    if not response.content_type.lower().startswith("multipart/related"):
        raise ValueError(f"Content-Type is {response.content_type or 'missing'}, not multipart/related")
    boundary = parameter(response.content_type, "boundary")
    if not boundary:
        raise ValueError("multipart/related without a boundary")
    body, mark = response.body, b"--" + boundary.encode()
    at = body.find(mark)
    if at < 0 or (at > 0 and body[at - 2 : at] != b"\r\n"):
        raise ValueError("multipart body has no opening delimiter")
    parts = []
    at += len(mark)
    while body[at : at + 2] != b"--":
        head_end = body.find(b"\r\n\r\n", at)
        end = body.find(b"\r\n" + mark, head_end + 2)
        if head_end < 0 or end < 0:
            raise ValueError("multipart body is cut short")
        headers = {}
        for line in body[at:head_end].decode("latin-1").split("\r\n"):
            if ":" in line:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
        parts.append((headers, body[head_end + 4 : end]))
        at = end + 2 + len(mark)
    return parts
