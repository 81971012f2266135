"""Frames of an instance as an answer: each a part, or one frame alone."""

from collections.abc import Sequence
from functools import partial

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.selectors import content
from archive.selectors.locate import StoredFrames
from dicomweb import conditional, negotiation, offers
from dicomweb.multipart_response import Part, multipart_related
from dicomweb.single_part import single_part


def frames(request: Request, found: StoredFrames, numbers: Sequence[int], locations: Sequence[str]) -> HttpResponseBase:
    """These frames in the form that the client accepts; `locations` are the URLs of each as a part."""
    spans = found.locate(numbers)
    syntax = found.stored.transfer_syntax_uid
    offer = negotiation.choose(request, offers.pixel_data(syntax, one=len(numbers) == 1))
    media_type, uid = offers.pixel_data_type(syntax)
    content_type = f"{media_type}; transfer-syntax={uid}"
    if not offer.multipart:
        read = partial(content.frame, found, spans[0])
        digest = f"{found.stored.sha256}/frames/{numbers[0]}"
        return single_part(request, digest, content.frame_length(spans[0]), content_type, read)
    tag = conditional.weak_tag([found.stored.sha256, content_type, *map(str, numbers)])
    parts = [
        Part(content_type, location, content.frame_length(span), partial(content.frame, found, span))
        for location, span in zip(locations, spans, strict=True)
    ]
    return conditional.unless_known(request, tag, lambda: multipart_related(media_type, parts))
