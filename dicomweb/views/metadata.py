"""Retrieve metadata (WADO-RS, PS3.18 Section 10.4.3.3.2): the stored DICOM JSON, with URLs filled in."""

from collections.abc import Iterator, Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom import dicom_json
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
    negotiation.choose(request, offers.METADATA)
    links = Links.of(request)
    tag = conditional.strong_tag([links.root, *(stored.sha256 for stored in found)])
    return conditional.unless_known(
        request, tag, lambda: responses.dicom_json_array(_documents(found, links), len(found))
    )


def _documents(found: Sequence[StoredInstance], links: Links) -> Iterator[bytes]:
    for stored, document in metadata.in_order(found):
        yield dicom_json.resolve(document, links.instance(stored.study, stored.series, stored.instance))
