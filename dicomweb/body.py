"""A request's body as a stream. Django's own `request.read` sees nothing of a chunked body, and must not spool it."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from rest_framework.request import Request

from dicomweb.errors import (
    BadRequest,
    ClientGone,
    EncodedBody,
    LengthRequired,
    RequestTooLarge,
    UnsupportedMediaType,
)
from dicomweb.http.media_types import MalformedMediaType, MediaType

CHUNK = 256 * 1024


def content_type(request: Request, supported: Sequence[str]) -> MediaType:
    """What the body is.

    Raises:
        UnsupportedMediaType: nobody says, or it is no media type; `supported` are those that there could be.
        EncodedBody: it would have to be decoded first.
    """
    if request.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        raise EncodedBody
    try:
        return MediaType.parse(request.META.get("CONTENT_TYPE", ""))
    except MalformedMediaType as error:
        raise UnsupportedMediaType(supported) from error


def whole(request: Request, limit: int) -> bytes:
    """A body that is small by its nature; empty where there is none (RFC 9112 Section 6.3).

    Raises:
        RequestTooLarge: it exceeds the limit.
        ClientGone: it ended before it was complete.
    """
    try:
        return b"".join(chunks(request, limit))
    except LengthRequired:
        return b""


def chunks(request: Request, limit: int | None = None) -> Iterator[bytes]:
    """The body, with Content-Length or chunked (STOW-12), never held whole.

    The checks that need only the header run now; the others while the caller reads.

    Raises:
        LengthRequired: it has neither (STOW-53).
        RequestTooLarge: it exceeds the limit, which is `ARCHIVE_MAX_REQUEST_SIZE` unless it is another (STOW-52).
        ClientGone: it ended before it was complete.
    """
    limit = settings.ARCHIVE_MAX_REQUEST_SIZE if limit is None else limit
    length = _content_length(request)
    if length is not None and length > limit:
        raise RequestTooLarge(limit)
    return _read(request, length, limit)


def _content_length(request: Request) -> int | None:
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    text = request.META.get("CONTENT_LENGTH", "")
    if not text:
        raise LengthRequired
    if not (text.isascii() and text.isdigit()):
        raise BadRequest("Content-Length is not a number.")
    return int(text)


def _read(request: Request, length: int | None, limit: int) -> Iterator[bytes]:
    stream = request.META["wsgi.input"]
    # What is there is worth more than a full chunk: the next bytes arrive while these are worked on.
    read = getattr(stream, "read1", stream.read)
    received = 0
    while length is None or received < length:
        try:
            data = read(CHUNK if length is None else min(CHUNK, length - received))
        except OSError as error:
            raise ClientGone from error
        if not data:
            break
        received += len(data)
        if received > limit:
            raise RequestTooLarge(limit)
        yield data
    if length is not None and received < length:
        raise ClientGone
