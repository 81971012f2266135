"""Answers of one part: with Range (RFC 9110 Section 14) and a strong tag."""

from collections.abc import Callable, Iterator

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.byte_ranges import ByteRange
from dicomweb import conditional
from dicomweb.http import etags, ranges

Read = Callable[[ByteRange | None], Iterator[bytes]]


def single_part(request: Request, digest: str, length: int, content_type: str, read: Read) -> HttpResponseBase:
    """The payload, or the one range of it that was asked for (WADO-66).

    Args:
        digest: tells this payload from every other.
        read: starts to read a range of the payload; all of it for None.
    """
    tag = conditional.strong_tag([digest, content_type])
    response = conditional.unless_known(request, tag, lambda: _ranged(request, tag, length, content_type, read))
    response["Accept-Ranges"] = "bytes"
    return response


def _ranged(request: Request, tag: str, length: int, content_type: str, read: Read) -> StreamingHttpResponse:
    wanted = _wanted(request, tag, length)
    response = StreamingHttpResponse(read(wanted), content_type=content_type)
    response["Content-Length"] = str(wanted.length if wanted else length)
    if wanted:
        response.status_code = 206
        response["Content-Range"] = ranges.content_range(wanted, length)
    return response


def _wanted(request: Request, tag: str, length: int) -> ByteRange | None:
    """The range, when one is asked for and its condition holds. Several at once are answered with everything."""
    condition = request.headers.get("If-Range")
    if condition is not None and not etags.strongly_matches(condition, tag):
        return None
    wanted = ranges.parse(request.headers.get("Range"), length)
    return wanted[0] if wanted and len(wanted) == 1 else None
