"""A request's body as a stream. Django's own `request.read` sees nothing of a chunked body, and must not spool it."""

from collections.abc import Iterator

from django.conf import settings
from rest_framework.request import Request

from dicomweb.errors import BadRequest, ClientGone, LengthRequired, RequestTooLarge

CHUNK = 256 * 1024


def chunks(request: Request) -> Iterator[bytes]:
    """The body, with Content-Length or chunked (STOW-12), never held whole.

    The checks that need only the header run now; the others while the caller reads.

    Raises:
        LengthRequired: it has neither (STOW-53).
        RequestTooLarge: it exceeds `ARCHIVE_MAX_REQUEST_SIZE` (STOW-52).
        ClientGone: it ended before it was complete.
    """
    limit = settings.ARCHIVE_MAX_REQUEST_SIZE
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
