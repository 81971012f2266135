"""Answers of one part: with Range (RFC 9110 Section 14) and a strong tag, unless they have to be made."""

from collections.abc import Iterator, Sequence

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.byte_ranges import ByteRange
from archive.http import ranges
from dicomweb import conditional
from dicomweb.http import etags, multipart
from dicomweb.parts import AnyPart, Made, Part


def single_part(request: Request, digest: str, content_type: str, part: AnyPart) -> HttpResponseBase:
    """The payload of a part as the body.

    Args:
        digest: tells what the payload is made of from anything else.
        content_type: what the part has, when it is not known before it is made.
    """
    return _made(request, digest, content_type, part) if isinstance(part, Made) else _read(request, digest, part)


def _read(request: Request, digest: str, part: Part) -> HttpResponseBase:
    """The payload, or the ranges of it that were asked for (WADO-66)."""
    tag = conditional.strong_tag([digest, part.content_type])
    response = conditional.unless_known(request, tag, lambda: _ranged(request, tag, part))
    response["Accept-Ranges"] = "bytes"
    return response


def _made(request: Request, digest: str, content_type: str, made: Made) -> HttpResponseBase:
    """A payload that has to be made, which is not done for HEAD. It is given whole.

    Its tag is weak: another release of a codec may make other bytes that say the same.
    """

    def make() -> HttpResponseBase:
        if request.method == "HEAD":
            return StreamingHttpResponse([], content_type=content_type)
        part = made.make()
        response = StreamingHttpResponse(part.read(), content_type=part.content_type)
        if part.length is not None:
            response["Content-Length"] = str(part.length)
        return response

    return conditional.unless_known(request, conditional.weak_tag([digest, content_type]), make)


def _ranged(request: Request, tag: str, part: Part) -> StreamingHttpResponse:
    length = part.length or 0
    wanted = _wanted(request, tag, length)
    if wanted is None:
        response = StreamingHttpResponse(part.read(), content_type=part.content_type)
        response["Content-Length"] = str(length)
    elif len(wanted) == 1:
        response = StreamingHttpResponse(part.read(wanted[0]), content_type=part.content_type, status=206)
        response["Content-Length"] = str(wanted[0].length)
        response["Content-Range"] = ranges.content_range(wanted[0], length)
    else:
        response = _byte_ranges(wanted, length, part)
    return response


def _wanted(request: Request, tag: str, length: int) -> list[ByteRange] | None:
    """The ranges, when some are asked for and their condition holds."""
    condition = request.headers.get("If-Range")
    if condition is not None and not etags.strongly_matches(condition, tag):
        return None
    return ranges.parse(request.headers.get("Range"), length)


def _byte_ranges(wanted: Sequence[ByteRange], length: int, part: Part) -> StreamingHttpResponse:
    """Several ranges, each a part of multipart/byteranges (RFC 9110 Section 14.6)."""
    boundary = multipart.new_boundary()
    heads = [
        [("Content-Type", part.content_type), ("Content-Range", ranges.content_range(span, length))] for span in wanted
    ]
    spans = list(zip(heads, wanted, strict=True))
    payloads = [part.read(span) for span in wanted]
    body = _byte_ranges_body(boundary, heads, payloads)
    response = StreamingHttpResponse(body, content_type=f"multipart/byteranges; boundary={boundary}", status=206)
    response["Content-Length"] = str(multipart.content_length(boundary, [(head, span.length) for head, span in spans]))
    return response


def _byte_ranges_body(
    boundary: str, heads: Sequence[Sequence[tuple[str, str]]], payloads: Sequence[Iterator[bytes]]
) -> Iterator[bytes]:
    for head, payload in zip(heads, payloads, strict=True):
        yield multipart.part_header(boundary, head)
        yield from payload
        yield multipart.PART_END
    yield multipart.closing(boundary)
