"""Instances as an answer: each a file and a part, or one alone; as stored or in another transfer syntax."""

from collections.abc import Sequence
from functools import lru_cache, partial
from http import HTTPStatus

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.errors import MalformedPixelData, NoCodec, NotTranscodable
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax
from archive.selectors import content, locate, transcoded
from archive.selectors.locate import StoredInstance
from dicomweb import multipart_response, negotiation, offers
from dicomweb.errors import NotAcceptable
from dicomweb.http import accept
from dicomweb.http.accept import AcceptedType, Offer
from dicomweb.http.warnings import warning
from dicomweb.links import Links
from dicomweb.parts import AnyPart, Made, Part
from dicomweb.single_part import single_part

Accepted = Sequence[AcceptedType]


def instances(request: Request, found: Sequence[StoredInstance], accepted: Accepted, *, one: bool) -> HttpResponseBase:
    """The instances in what is accepted, those left out that cannot be given so (WADO-11).

    Args:
        one: whether the resource is one instance, which can be a single part (NEG-21).

    Raises:
        NotAcceptable: none can be given so.
    """
    given = _chosen(found, accepted, one=one)
    if not given:
        raise NotAcceptable(_available(found, one=one))
    links = Links.of(request)
    stored, offer = given[0]
    if not offer.multipart:
        part = _part(stored, offer, accepted, links)
        return single_part(request, stored.sha256, _content_type(offer.transfer_syntax), part)
    response = multipart_response.answer(
        request,
        offers.DICOM,
        [_part(stored, offer, accepted, links) for stored, offer in given],
        [f"{stored.sha256} {offer.transfer_syntax}" for stored, offer in given],
    )
    left_out = len(found) - len(given)
    if left_out and response.status_code == HTTPStatus.OK:
        # What could be given is given, and said to be a part.
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Warning"] = warning(f"Instances without an accepted transfer syntax: {left_out}.")
    return response


def _chosen(found: Sequence[StoredInstance], accepted: Accepted, *, one: bool) -> list[tuple[StoredInstance, Offer]]:
    """The instances that can be given, each with how."""
    choices = [(stored, _choice(tuple(accepted), stored.transfer_syntax_uid, one, True)) for stored in found]
    to_compress = [stored for stored, offer in choices if offer and _compresses(stored, offer)]
    if to_compress:
        without_frames = {stored.pk for stored in to_compress} - locate.with_frames(to_compress)
        choices = [
            (stored, _choice(tuple(accepted), stored.transfer_syntax_uid, one, stored.pk not in without_frames))
            for stored in found
        ]
    return [(stored, offer) for stored, offer in choices if offer]


@lru_cache(maxsize=1024)
def _choice(accepted: tuple[AcceptedType, ...], transfer_syntax_uid: str, one: bool, pixels: bool) -> Offer | None:
    return accept.choose(accepted, offers.instances(transfer_syntax_uid, one=one, pixels=pixels))


def _compresses(stored: StoredInstance, offer: Offer) -> bool:
    return not _is_stored_form(stored, offer) and transfer_syntax(offer.transfer_syntax or "").encapsulated


def _is_stored_form(stored: StoredInstance, offer: Offer) -> bool:
    return offer.transfer_syntax == stored.transfer_syntax_uid


def _available(found: Sequence[StoredInstance], *, one: bool) -> list[str]:
    syntaxes = sorted({stored.transfer_syntax_uid for stored in found})
    return list(dict.fromkeys(str(offer) for uid in syntaxes for offer in offers.instances(uid, one=one)))


def _part(stored: StoredInstance, offer: Offer, accepted: Accepted, links: Links) -> AnyPart:
    as_stored = Part(
        _content_type(stored.transfer_syntax_uid),
        links.instance(stored.study, stored.series, stored.instance),
        stored.size,
        partial(content.whole, stored),
    )
    if _is_stored_form(stored, offer):
        return as_stored
    return Made(partial(_transcoded, stored, offer, accepted, as_stored))


def _transcoded(stored: StoredInstance, offer: Offer, accepted: Accepted, as_stored: Part) -> Part:
    """The instance as the offer has it, or as stored where it turns out to have no native form (WADO-06).

    So one damaged image does not keep anybody from the rest of its study.
    """
    target = offer.transfer_syntax or EXPLICIT_VR_LITTLE_ENDIAN
    only_form = offers.instance_as_stored(stored.transfer_syntax_uid, one=not offer.multipart)
    with negotiation.or_available(only_form):
        try:
            made = transcoded.instance(stored, target)
        except (MalformedPixelData, NoCodec, NotTranscodable):
            chosen = accept.choose(accepted, only_form)
            if target != EXPLICIT_VR_LITTLE_ENDIAN or chosen is None or chosen.multipart != offer.multipart:
                raise
            return as_stored
    return Part(_content_type(target), as_stored.location, made.length, made.read)


def _content_type(transfer_syntax_uid: str | None) -> str:
    return f"{offers.DICOM}; transfer-syntax={transfer_syntax_uid}"
