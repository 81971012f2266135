"""Retrieve metadata (WADO-RS, PS3.18 Section 10.4.3.3.2): the stored DICOM JSON with URLs filled in, or XML of it."""

from collections.abc import Iterator, Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom import dicom_json, native_xml
from archive.selectors import locate, metadata
from archive.selectors.locate import StoredInstance
from dicomweb import conditional, negotiation, offers, responses
from dicomweb.links import Links


def study(request: Request, study: str) -> HttpResponseBase:
    return _metadata(request, locate.instances(study))


def series(request: Request, study: str, series: str) -> HttpResponseBase:
    return _metadata(request, locate.instances(study, series))


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponseBase:
    return _metadata(request, locate.instances(study, series, instance))


def _metadata(request: Request, found: Sequence[StoredInstance]) -> HttpResponseBase:
    offer = negotiation.choose(request, offers.METADATA)
    links = Links.of(request)
    digests = [links.root, *(stored.sha256 for stored in found)]
    if offer.media_type == responses.DICOM_XML:
        charset = negotiation.character_set(request, offer)
        return conditional.unless_known(
            request,
            conditional.weak_tag([offer.media_type, charset.name, *digests]),
            lambda: responses.dicom_xml_parts(_xml_documents(found, links, charset.name), len(found), charset),
        )
    return conditional.unless_known(
        request,
        conditional.strong_tag(digests),
        lambda: responses.dicom_json_array(_documents(found, links), len(found)),
    )


def _xml_documents(found: Sequence[StoredInstance], links: Links, encoding: str) -> Iterator[tuple[str, bytes]]:
    for stored, document in zip(found, _documents(found, links), strict=True):
        url = links.instance(stored.study, stored.series, stored.instance)
        yield f"{url}/metadata", native_xml.from_json(document, encoding)


def _documents(found: Sequence[StoredInstance], links: Links) -> Iterator[bytes]:
    for stored, document in metadata.in_order(found):
        yield dicom_json.resolve(document, links.instance(stored.study, stored.series, stored.instance))
