"""Answers of several parts: multipart/related, sent while they are read or made (PS3.18 Section 8.6.1.2)."""

import logging
from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from itertools import chain, islice
from time import monotonic

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.storage import blobs, io_pool
from dicomweb import conditional
from dicomweb.errors import NotAcceptable
from dicomweb.http import multipart
from dicomweb.parts import AnyPart, Made, Part
from dicomweb.patience import Patience

log = logging.getLogger(__name__)

#: A message of fewer bytes costs more than its bytes.
WORTH_SENDING = 64 * 1024
#: What took longer to make is sent however short it is: a client that is gone is noticed when something is sent.
LONGEST_WAIT = 1.0
#: Of more parts than this, none is looked at before its turn.
MOST_FORESEEN = 100_000

_Opened = tuple[Part, Iterator[bytes]]


def answer(request: Request, root_type: str, parts: Collection[AnyPart], digests: Iterable[str]) -> HttpResponseBase:
    """The parts in their order, or 304; `digests` tell their bytes and what they are given as from any other's.

    The first part is opened now, while an error can still choose the status; for HEAD none is, for that can be work.
    """
    tag = conditional.weak_tag(digests)
    opens = request.method != "HEAD"
    return conditional.unless_known(request, tag, lambda: multipart_related(root_type, parts, opens=opens))


def multipart_related(root_type: str, parts: Collection[AnyPart], *, opens: bool = True) -> StreamingHttpResponse:
    """The parts in their order, with Content-Length where that of each is known before it is opened, unless they are
    too many to ask.
    """
    boundary = multipart.new_boundary()
    body = _body(boundary, parts)
    if opens:
        next(body)
    response = StreamingHttpResponse(body, content_type=f'multipart/related; type="{root_type}"; boundary={boundary}')
    foreseen = parts if len(parts) <= MOST_FORESEEN else ()
    lengths = [(part.headers, part.length) for part in foreseen if isinstance(part, Part) and part.length is not None]
    if len(lengths) == len(parts):
        response["Content-Length"] = str(multipart.content_length(boundary, lengths))
    return response


def _open(part: AnyPart) -> _Opened:
    opened = part.make() if isinstance(part, Made) else part
    return opened, opened.read()


def _opened_in_order(parts: Collection[AnyPart]) -> Iterator[_Opened]:
    """The parts but those that may fail and do. When too much time is lost with these, the last of them is an error.

    Raises:
        NotAcceptable: that leaves none.
    """
    problem: Exception | None = None
    left, patience = 0, Patience()
    for part in parts:
        failures = part.may_fail if isinstance(part, Made) else ()
        try:
            with patience.trying():
                opened = _open(part)
        except failures as failure:
            log.warning("%s is left out of an answer: %s", part.location, failure)
            if patience.is_over:
                raise
            problem = failure
            continue
        left += 1
        yield opened
    if problem and not left:
        raise NotAcceptable([], str(problem))


def _opened(parts: Collection[AnyPart]) -> Generator[_Opened, None, None]:
    """The parts with their payloads, opened some parts ahead where the storage is far away and nothing hinders."""
    many = len(parts) > MOST_FORESEEN
    in_order = many or any(isinstance(part, Made) or part.in_order for part in parts)
    ahead = 0 if in_order else blobs().read_ahead
    if not ahead:
        yield from _opened_in_order(parts)
        return
    coming = iter(parts)
    window: deque[Future[_Opened]] = deque(io_pool().submit(_open, part) for part in islice(coming, ahead))
    try:
        while window:
            opened = window.popleft().result()
            window.extend(io_pool().submit(_open, part) for part in islice(coming, 1))
            yield opened
    finally:
        for future in window:
            future.cancel()


def _body(boundary: str, parts: Collection[AnyPart]) -> Generator[bytes, None, None]:
    """Nothing, when the first part is open; then the bytes of the answer in pieces worth sending.

    What is short waits for what follows it. Closing the generator closes what is open.
    """
    waiting = b""
    with closing(_opened(parts)) as opened:
        first = next(opened)
        yield b""
        sent = monotonic()
        for part, payload in chain([first], opened):
            waiting += multipart.part_header(boundary, part.headers)
            for piece in payload:
                waiting += piece
                if len(waiting) >= WORTH_SENDING or monotonic() - sent > LONGEST_WAIT:
                    yield waiting
                    waiting, sent = b"", monotonic()
            waiting += multipart.PART_END
    yield waiting + multipart.closing(boundary)
