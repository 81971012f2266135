"""Retrieve Workitem transaction (UPS-RS, PS3.18 Section 11.5)."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom import native_xml
from dicomweb import conditional, negotiation, offers, responses
from dicomweb.http.accept import Offer
from dicomweb.links import Links
from workflow.selectors.workitems import retrieve


def workitem(request: Request, workitem: str) -> HttpResponseBase:
    offer = negotiation.choose(request, offers.WORKITEM)
    document = retrieve(workitem)
    location = Links.of(request).workitem(workitem)
    response = _xml(request, document, offer, location) if _is_xml(offer) else _json(request, document)
    response["Content-Location"] = location
    # Whoever keeps it asks whether it is still so: the next moment somebody may have claimed it.
    response["Cache-Control"] = "no-cache"
    return response


def _is_xml(offer: Offer) -> bool:
    return offer.media_type == responses.DICOM_XML


def _json(request: Request, document: bytes) -> HttpResponseBase:
    tag = conditional.strong_tag([document.decode()])
    return conditional.unless_known(request, tag, lambda: responses.dicom_json_array([document], 1))


def _xml(request: Request, document: bytes, offer: Offer, location: str) -> HttpResponseBase:
    charset = negotiation.character_set(request, offer)

    def make() -> HttpResponseBase:
        xml = native_xml.from_json(document, charset.name)
        if offer.multipart:
            return responses.dicom_xml_parts([(location, xml)], 1, charset)
        return responses.dicom_xml(xml, charset)

    tag = conditional.weak_tag([str(offer), charset.name, location, document.decode()])
    return conditional.unless_known(request, tag, make)
