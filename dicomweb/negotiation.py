"""Choose what to answer with (PS3.18 Section 8.7.8), as Django REST framework's plug-in.

The framework's own Accept handling ignores `q` and splits inside quoted strings; it is left nothing to choose. Each
view calls `choose` with the offers of its resource before it does anything else.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from dicomweb.errors import NotAcceptable
from dicomweb.http import accept, charsets
from dicomweb.http.accept import Offer
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


def accepted(request: Request) -> tuple[accept.AcceptedType, ...]:
    """What the client accepts: the `accept` parameter before the header (PS3.18 Section 8.3.3.1)."""
    return accept.effective(request.GET.get("accept"), request.headers.get("Accept"))


def choose(request: Request, offers: Sequence[Offer]) -> Offer:
    """The best of the offers.

    Raises:
        NotAcceptable: the client accepts none of them.
    """
    chosen = accept.choose(accepted(request), offers)
    if chosen is None:
        raise NotAcceptable([str(offer) for offer in offers])
    return chosen


def character_set(request: Request, offer: Offer) -> CharacterSet:
    """The character set of an answer that is XML, given as the offer (PS3.18 Section 8.8.5)."""
    entries = [entry for entry in accepted(request) if entry.quality and entry.covers(offer)]
    named = [name for entry in entries if (name := entry.range.parameter("charset"))]
    return charsets.select(named, request.GET.get("charset"), request.headers.get("Accept-Charset"))
