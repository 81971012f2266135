"""Choose what to answer with (PS3.18 Section 8.7.8), as Django REST framework's plug-in.

The framework's own Accept handling ignores `q` and splits inside quoted strings; it is left nothing to choose. Each
view calls `choose` with the offers of its resource before it does anything else.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from archive.dicom.errors import MalformedPixelData, NoCodec, NotTranscodable
from dicomweb import offers
from dicomweb.errors import BadRequest, NotAcceptable
from dicomweb.http import accept, charsets
from dicomweb.http.accept import AcceptedType, Offer
from dicomweb.http.charsets import CharacterSet


class Unread(BaseParser):
    """Leaves the body to the view, which reads it as a stream; asked by who looks for a CSRF token in a form."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        return {}


class Negotiation(BaseContentNegotiation):
    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def accepted(request: Request) -> tuple[AcceptedType, ...]:
    """What the client accepts: the `accept` parameter before the header (PS3.18 Section 8.3.3.1).

    Raises:
        BadRequest: the parameter names no media type (NEG-20), or media types of DICOM and rendered ones are mixed.
    """
    parameter, header = request.GET.get("accept"), request.headers.get("Accept")
    if parameter and not accept.parse(parameter):
        raise BadRequest("The accept parameter has no media type in it.")
    if accept.mixes_dicom_and_rendered(header):
        raise BadRequest("The Accept header mixes media types of DICOM with rendered ones (PS3.18 Section 8.7.5).")
    return accept.effective(parameter, header)


@lru_cache(maxsize=256)
def prefers_bulk_data(accepted: tuple[AcceptedType, ...]) -> bool:
    """Whether it is bulk data, in any transfer syntax, that a client wants of what is a DICOM object or its bulk data.

    Objects are the default (PS3.18 Table 10.4.4-1).
    """
    in_any_syntax = [replace(entry, transfer_syntax="*") for entry in accepted]
    chosen = accept.choose(in_any_syntax, (*offers.OBJECT, *offers.BULK_DATA))
    return chosen in offers.BULK_DATA


def choose(request: Request, possible: Sequence[Offer]) -> Offer:
    """The best of the offers.

    Raises:
        NotAcceptable: the client accepts none of them.
    """
    chosen = accept.choose(accepted(request), possible)
    if chosen is None:
        raise NotAcceptable([str(offer) for offer in possible])
    return chosen


def give(
    request: Request,
    possible: Sequence[Offer],
    answer: Callable[[Offer], HttpResponseBase],
    *,
    otherwise: Sequence[Offer],
) -> HttpResponseBase:
    """The best of the offers as an answer; where there turns out to be no such form, the best of the others (NEG-03).

    Raises:
        NotAcceptable: the client accepts none of either.
    """
    chosen = choose(request, possible)
    try:
        return answer(chosen)
    except NotAcceptable:
        other = accept.choose(accepted(request), otherwise)
        if other is None:
            raise
        return answer(other)


def character_set(request: Request, offer: Offer) -> CharacterSet:
    """The character set of an answer that is XML, given as the offer (PS3.18 Section 8.8.5)."""
    entries = [entry for entry in accepted(request) if entry.quality and entry.covers(offer)]
    named = [name for entry in entries if (name := entry.range.parameter("charset"))]
    return charsets.select(named, request.GET.get("charset"), request.headers.get("Accept-Charset"))


@contextmanager
def or_available(possible: Iterable[Offer]) -> Iterator[None]:
    """What turns out to have no other form is not acceptable; these are the forms that there are.

    Raises:
        NotAcceptable: it cannot be decoded or encoded.
    """
    try:
        yield
    except (MalformedPixelData, NoCodec, NotTranscodable) as problem:
        raise NotAcceptable([str(offer) for offer in possible], str(problem)) from problem
