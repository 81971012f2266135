"""Frames of an instance as an answer: each a part, or one frame alone; as stored or in another transfer syntax."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import pairwise

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.pieces import Streamed
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from archive.selectors import content, transcoded
from archive.selectors.locate import StoredFrames
from archive.selectors.transcoded import TranscodedFrames
from dicomweb import multipart_response, negotiation, offers
from dicomweb.errors import BadRequest
from dicomweb.http.accept import Offer
from dicomweb.parts import AnyPart, FrameParts, Made, Part
from dicomweb.single_part import single_part

#: Of a deflated object, each frame that is before the last one takes as long as all that are before it.
MOST_RETURNS = 16

#: The URL of a frame as a part, by its number.
Locations = Callable[[int], str]


def frames(request: Request, found: StoredFrames, numbers: Sequence[int], locations: Locations) -> HttpResponseBase:
    """These frames in the form that the client accepts."""
    found.check(numbers)
    if found.inflation and sum(after < before for before, after in pairwise(numbers)) > MOST_RETURNS:
        raise BadRequest("So many frames of a deflated object can be asked for in ascending order only.")
    syntax, one = found.stored.transfer_syntax_uid, len(numbers) == 1

    def answer(offer: Offer) -> HttpResponseBase:
        if not offer.multipart:
            return _alone(request, found, numbers[0], locations, offer)
        content_type = offers.pixel_content_type(offer)
        return multipart_response.answer(
            request,
            content_type.partition(";")[0],
            frame_parts(found, numbers, locations, offer),
            [found.stored.sha256, content_type, *map(str, numbers)],
        )

    as_stored = offers.pixel_data_as_stored(syntax, one=one)
    return negotiation.give(request, offers.pixel_data(syntax, one=one), answer, otherwise=as_stored)


def frame_parts(found: StoredFrames, numbers: Sequence[int], locations: Locations, offer: Offer) -> Sequence[AnyPart]:
    """A part for each of these frames, which there are."""
    content_type = offers.pixel_content_type(offer)
    if _is_stored_form(found, offer):
        return FrameParts(numbers, partial(_stored, found, locations, content_type))
    converted = _transcoded(found, offer, len(numbers))
    return FrameParts(numbers, partial(_converted, converted, locations, content_type))


def _stored(found: StoredFrames, locations: Locations, content_type: str, number: int) -> Part:
    span = found.index.locate(number)
    read = partial(content.frame, found, span)
    return Part(content_type, locations(number), content.frame_length(span), read, in_order=bool(found.inflation))


def _converted(converted: TranscodedFrames, locations: Locations, content_type: str, number: int) -> AnyPart:
    length, location = converted.conversion.length, locations(number)
    if length is None:
        return Made(partial(_encoded, converted, number, location, content_type))
    in_order = bool(converted.native.stored.inflation)
    return Part(content_type, location, length, partial(_decoded, converted, number), in_order=in_order)


def _is_stored_form(found: StoredFrames, offer: Offer) -> bool:
    return offer.transfer_syntax == offers.pixel_data_type(found.stored.transfer_syntax_uid)[1]


def native_value(found: StoredFrames) -> Streamed:
    """All frames as the one value that they are in native form; they are decoded as they are read."""
    with _or_as_stored(found):
        return transcoded.frames(found, EXPLICIT_VR_LITTLE_ENDIAN, found.index.count).all_native()


def _transcoded(found: StoredFrames, offer: Offer, together: int) -> TranscodedFrames:
    with _or_as_stored(found):
        return transcoded.frames(found, offer.transfer_syntax or EXPLICIT_VR_LITTLE_ENDIAN, together)


def _alone(request: Request, found: StoredFrames, number: int, locations: Locations, offer: Offer) -> HttpResponseBase:
    content_type = offers.pixel_content_type(offer)
    part: AnyPart
    if _is_stored_form(found, offer):
        part = _stored(found, locations, content_type, number)
    else:
        part = Made(lambda: _encoded(_transcoded(found, offer, 1), number, locations(number), content_type))
    return single_part(request, f"{found.stored.sha256}/frames/{number}", content_type, part)


def _encoded(converted: TranscodedFrames, number: int, location: str, content_type: str) -> Part:
    return Part.of_bytes(content_type, location, b"".join(_decoded(converted, number)))


def _decoded(converted: TranscodedFrames, number: int) -> Iterator[bytes]:
    with _or_as_stored(converted.native.stored):
        return iter([converted.frame(number)])


def _or_as_stored(found: StoredFrames) -> AbstractContextManager[None]:
    return negotiation.or_available(offers.pixel_data_as_stored(found.stored.transfer_syntax_uid))
