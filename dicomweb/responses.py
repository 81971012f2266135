"""Answers of a known form."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from isal import igzip
from rest_framework.request import Request

from dicomweb import conditional
from dicomweb.http import multipart
from dicomweb.http.charsets import UTF_8, CharacterSet
from dicomweb.http.wadl import WADL_JSON, WADL_XML

DICOM_JSON = "application/dicom+json"
DICOM_XML = "application/dicom+xml"
#: What is worth compressing; pixels are not compressed again.
COMPRESSIBLE = frozenset({DICOM_JSON, DICOM_XML, WADL_XML, WADL_JSON})
XML_PARTS = f'multipart/related; type="{DICOM_XML}"'
#: An answer of more documents than this is never held whole.
STREAMED_FROM = 200
#: Below this compressing costs more than it saves.
WORTH_COMPRESSING = 1024


def dicom_json(body: bytes) -> HttpResponse:
    """DICOM JSON. The type is exactly this, without parameters: clients compare the whole string (STOW-65)."""
    return HttpResponse(body, content_type=DICOM_JSON)


def dicom_json_array(documents: Iterable[bytes], count: int) -> HttpResponseBase:
    """An array of so many DICOM JSON documents; a long one is sent while it is made."""
    return _documents(_array(documents), count, DICOM_JSON)


def dicom_xml(body: bytes, character_set: CharacterSet = UTF_8) -> HttpResponse:
    """One document of the Native DICOM Model, as the body itself."""
    return HttpResponse(body, content_type=_xml_type(character_set))


def _xml_type(character_set: CharacterSet) -> str:
    """The character set is named where it is not the one that XML has by default."""
    return DICOM_XML if character_set == UTF_8 else f"{DICOM_XML}; charset={character_set.name}"


def dicom_xml_parts(
    documents: Iterable[tuple[str | None, bytes]], count: int, character_set: CharacterSet = UTF_8
) -> HttpResponseBase:
    """So many documents of the Native DICOM Model, each a part; many are sent as they are made.

    Args:
        documents: one at least, for a multipart body has no other form; each with its URL if it represents a resource.
        character_set: of the documents.
    """
    boundary = multipart.new_boundary()
    parts = _parts(documents, _xml_type(character_set), boundary)
    return _documents(parts, count, f"{XML_PARTS}; boundary={boundary}")


def no_content() -> HttpResponse:
    """204: nothing was found, and the media type has no form for nothing (QIDO-70)."""
    response = HttpResponse(status=204)
    del response["Content-Type"]
    return response


def _documents(written: Iterator[bytes], count: int, content_type: str) -> HttpResponseBase:
    if count <= STREAMED_FROM:
        return HttpResponse(b"".join(written), content_type=content_type)
    return StreamingHttpResponse(_worth_sending(written), content_type=content_type)


def _worth_sending(written: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a size worth sending."""
    piece = bytearray()
    for some in written:
        piece += some
        if len(piece) > 256 * 1024:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _array(documents: Iterable[bytes]) -> Iterator[bytes]:
    opening = b"["
    for document in documents:
        yield opening
        yield document
        opening = b","
    yield b"]" if opening == b"," else b"[]"


def _parts(documents: Iterable[tuple[str | None, bytes]], part_type: str, boundary: str) -> Iterator[bytes]:
    for location, document in documents:
        headers = [("Content-Type", part_type), ("Content-Length", str(len(document)))]
        if location:
            headers.append(("Content-Location", location))
        yield multipart.part_header(boundary, headers)
        yield document
        yield multipart.PART_END
    yield multipart.closing(boundary)


def compress(request: Request, response: HttpResponseBase) -> None:
    """Apply gzip to JSON and XML where the client takes it (OTH-09), but to no stored document of such a type.

    Those are streamed with their length, and in ranges.
    """
    response["Vary"] = "Accept, Accept-Charset, Accept-Encoding"
    content_type = response.get("Content-Type", "")
    compressible = content_type.partition(";")[0] in COMPRESSIBLE or content_type.startswith(XML_PARTS)
    if not compressible or not _takes_gzip(request) or "Content-Encoding" in response:
        return
    if isinstance(response, StreamingHttpResponse):
        if "Content-Length" in response:
            return
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
