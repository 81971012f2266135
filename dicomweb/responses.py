"""Answers of a known form."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from isal import igzip
from rest_framework.request import Request

from dicomweb import conditional

DICOM_JSON = "application/dicom+json"
#: An array of more documents than this is never held whole.
STREAMED_FROM = 200
#: Below this compressing costs more than it saves.
WORTH_COMPRESSING = 1024


def dicom_json(body: bytes) -> HttpResponse:
    """DICOM JSON. The type is exactly this, without parameters: clients compare the whole string (STOW-65)."""
    return HttpResponse(body, content_type=DICOM_JSON)


def dicom_json_array(documents: Iterable[bytes], count: int) -> HttpResponseBase:
    """An array of so many DICOM JSON documents; a long one is sent while it is made."""
    if count <= STREAMED_FROM:
        return dicom_json(b"[" + b",".join(documents) + b"]")
    return StreamingHttpResponse(_array(documents), content_type=DICOM_JSON)


def _array(documents: Iterable[bytes]) -> Iterator[bytes]:
    """`[`, the documents, `]`, in pieces of a size worth sending."""
    opening = b"["
    piece = bytearray()
    for document in documents:
        piece += opening
        piece += document
        opening = b","
        if len(piece) > 256 * 1024:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + (b"]" if opening == b"," else b"[]")


def compress(request: Request, response: HttpResponseBase) -> None:
    """Apply gzip to JSON where the client takes it (OTH-09). Pixels are not compressed again."""
    response["Vary"] = "Accept, Accept-Encoding"
    if response.get("Content-Type") != DICOM_JSON or not _takes_gzip(request) or "Content-Encoding" in response:
        return
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = _gzip(cast(Iterator[bytes], response.streaming_content))
    elif isinstance(response, HttpResponse) and len(response.content) >= WORTH_COMPRESSING:
        response.content = igzip.compress(response.content, compresslevel=1, mtime=0)
        response["Content-Length"] = str(len(response.content))
    else:
        return
    response["Content-Encoding"] = "gzip"
    if "ETag" in response:
        response["ETag"] = conditional.gzip_tag(response["ETag"])


def _takes_gzip(request: Request) -> bool:
    weights = {}
    for coding in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = coding.partition(";")
        weights[name.strip()] = weight.replace(" ", "")
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return weight not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}


def _gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    buffer = io.BytesIO()
    file: Any = igzip.IGzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0)  # type: ignore[no-untyped-call]
    with file:
        for piece in pieces:
            file.write(piece)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
