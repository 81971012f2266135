"""Retrieve DICOM Instance of the URI Service (WADO-URI, PS3.18 Section 9.4). Rendered instances are not offered."""

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from archive.selectors import deidentified, locate
from archive.selectors.locate import StoredInstance
from dicomweb import instance_response, negotiation, offers
from dicomweb.errors import NotAcceptable
from dicomweb.http import accept, wado_parameters
from dicomweb.http.accept import AcceptedType
from dicomweb.http.media_types import MediaType


def instance(request: Request) -> HttpResponseBase:
    wanted = wado_parameters.parse(dict(request.GET.lists()), request.headers.get("Accept"))
    found = locate.instances(wanted.study, wanted.series, wanted.instance)
    if not wanted.dicom:
        raise NotAcceptable([offers.DICOM])
    accepted = [AcceptedType(MediaType("application", "dicom"), transfer_syntax=wanted.transfer_syntax)]
    if wanted.anonymize:
        return _deidentified(found[0], accepted)
    return instance_response.instances(request, found, accepted, one=True)


def _deidentified(stored: StoredInstance, accepted: list[AcceptedType]) -> HttpResponseBase:
    """The object without what identifies the patient; it is made for each request."""
    available = offers.instances(stored.transfer_syntax_uid, one=True)
    offer = accept.choose(accepted, available)
    if offer is None:
        raise NotAcceptable([str(offer) for offer in available if not offer.multipart])
    target = offer.transfer_syntax or EXPLICIT_VR_LITTLE_ENDIAN
    with negotiation.or_available(offers.instance_as_stored(stored.transfer_syntax_uid, one=True)):
        pieces = deidentified.instance(stored, target)
    return StreamingHttpResponse(pieces, content_type=f"{offers.DICOM}; transfer-syntax={target}")
