"""Answers of several parts: multipart/related, every length known before the first byte (PS3.18 Section 8.6.1.2)."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice

from django.http import StreamingHttpResponse

from archive.storage import blobs, io_pool
from dicomweb.http import multipart

#: A message of fewer bytes costs more than its bytes.
WORTH_SENDING = 64 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `read` starts to read its payload of `length` bytes; it raises when there is nothing to read."""

    content_type: str
    location: str
    length: int
    read: Callable[[], Iterator[bytes]]

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [
            ("Content-Type", self.content_type),
            ("Content-Length", str(self.length)),
            ("Content-Location", self.location),
        ]


def multipart_related(root_type: str, parts: Sequence[Part]) -> StreamingHttpResponse:
    """The parts in their order. The first is opened now, while an error can still choose the status."""
    boundary = multipart.new_boundary()
    body = _body(boundary, parts)
    next(body)
    response = StreamingHttpResponse(body, content_type=f'multipart/related; type="{root_type}"; boundary={boundary}')
    lengths = [(part.headers, part.length) for part in parts]
    response["Content-Length"] = str(multipart.content_length(boundary, lengths))
    return response


def _opened(parts: Sequence[Part]) -> Generator[Iterator[bytes], None, None]:
    """The payloads, opened some parts ahead where the storage is far away."""
    ahead = blobs().read_ahead
    if not ahead:
        for part in parts:
            yield part.read()
        return
    coming = iter(parts)
    window: deque[Future[Iterator[bytes]]] = deque(io_pool().submit(part.read) for part in islice(coming, ahead))
    try:
        while window:
            payload = window.popleft().result()
            window.extend(io_pool().submit(part.read) for part in islice(coming, 1))
            yield payload
    finally:
        for future in window:
            future.cancel()


def _body(boundary: str, parts: Sequence[Part]) -> Generator[bytes, None, None]:
    """Nothing, when the first part is open; then the bytes of the answer in pieces worth sending.

    What is short waits for what follows it. Closing the generator closes what is open.
    """
    waiting = b""
    with closing(_opened(parts)) as payloads:
        opened = zip(parts, payloads, strict=True)
        first = next(opened)
        yield b""
        for part, payload in chain([first], opened):
            waiting += multipart.part_header(boundary, part.headers)
            for piece in payload:
                waiting += piece
                if len(waiting) >= WORTH_SENDING:
                    yield waiting
                    waiting = b""
            waiting += multipart.PART_END
    yield waiting + multipart.closing(boundary)
