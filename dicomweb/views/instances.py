"""Retrieve study, series and instance as stored (WADO-RS, PS3.18 Section 10.4, Table 10.4.1-1)."""

from collections.abc import Sequence
from functools import cache, partial
from http import HTTPStatus

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.selectors import content, locate
from archive.selectors.locate import StoredInstance
from dicomweb import conditional, negotiation, offers
from dicomweb.errors import NotAcceptable
from dicomweb.http import accept
from dicomweb.http.accept import Offer
from dicomweb.http.warnings import warning
from dicomweb.links import Links
from dicomweb.multipart_response import Part, multipart_related
from dicomweb.single_part import single_part


def study(request: Request, study: str) -> HttpResponseBase:
    return _retrieve(request, locate.instances(study), one=False)


def series(request: Request, study: str, series: str) -> HttpResponseBase:
    return _retrieve(request, locate.instances(study, series), one=False)


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponseBase:
    return _retrieve(request, locate.instances(study, series, instance), one=True)


def _retrieve(request: Request, found: Sequence[StoredInstance], *, one: bool) -> HttpResponseBase:
    accepted = negotiation.accepted(request)

    @cache
    def chosen(transfer_syntax_uid: str) -> Offer | None:
        return accept.choose(accepted, offers.instances(transfer_syntax_uid, one=one))

    given = [stored for stored in found if chosen(stored.transfer_syntax_uid)]
    if not given:
        available = {stored.transfer_syntax_uid for stored in found}
        raise NotAcceptable([str(offer) for uid in sorted(available) for offer in offers.instances(uid, one=one)])
    offer = chosen(given[0].transfer_syntax_uid)
    if offer and not offer.multipart:
        stored = given[0]
        return single_part(request, stored.sha256, stored.size, _content_type(stored), partial(content.whole, stored))
    return _parts(request, given, left_out=len(found) - len(given))


def _parts(request: Request, given: Sequence[StoredInstance], *, left_out: int) -> HttpResponseBase:
    links = Links.of(request)
    tag = conditional.weak_tag(stored.sha256 for stored in given)
    response = conditional.unless_known(
        request, tag, lambda: multipart_related(offers.DICOM, [_part(stored, links) for stored in given])
    )
    if left_out and response.status_code == HTTPStatus.OK:
        # WADO-11: what could be given is given, and said to be a part.
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Warning"] = warning(f"{left_out} instances have no accepted transfer syntax.")
    return response


def _part(stored: StoredInstance, links: Links) -> Part:
    return Part(
        content_type=_content_type(stored),
        location=links.instance(stored.study, stored.series, stored.instance),
        length=stored.size,
        read=partial(content.whole, stored),
    )


def _content_type(stored: StoredInstance) -> str:
    return f"{offers.DICOM}; transfer-syntax={stored.transfer_syntax_uid}"
