"""Retrieve DICOM Instance of the URI Service (WADO-URI, PS3.18 Section 9.4). Rendered instances are not offered."""

from functools import partial

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.selectors import content, deidentified, locate
from dicomweb import offers
from dicomweb.errors import NotAcceptable
from dicomweb.http import accept, wado_parameters
from dicomweb.http.accept import AcceptedType
from dicomweb.http.media_types import MediaType
from dicomweb.single_part import single_part


def instance(request: Request) -> HttpResponseBase:
    wanted = wado_parameters.parse(dict(request.GET.lists()), request.headers.get("Accept"))
    stored = locate.instances(wanted.study, wanted.series, wanted.instance)[0]
    accepted = [AcceptedType(MediaType("application", "dicom"), transfer_syntax=wanted.transfer_syntax)]
    available = offers.instances(stored.transfer_syntax_uid, one=True)
    offer = accept.choose(accepted, available) if wanted.dicom else None
    if offer is None or offer.transfer_syntax is None:
        raise NotAcceptable([str(offer) for offer in available if not offer.multipart])
    content_type = f"{offers.DICOM}; transfer-syntax={offer.transfer_syntax}"
    if wanted.anonymize:
        return StreamingHttpResponse(deidentified.instance(stored, offer.transfer_syntax), content_type=content_type)
    return single_part(request, stored.sha256, stored.size, content_type, partial(content.whole, stored))
