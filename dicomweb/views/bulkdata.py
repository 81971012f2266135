"""Retrieve bulk data (WADO-RS, PS3.18 Sections 10.4.1.1.5 and 10.4.1.1.6): by BulkDataURI, or all of a target."""

import re
from collections.abc import Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.selectors import locate
from archive.selectors.locate import StoredInstance
from dicomweb import bulkdata_response, negotiation, pixel_data_response
from dicomweb.http import frame_list
from dicomweb.links import Links

#: What the Content-Location of one frame of compressed pixel data is below their BulkDataURI (WADO-65).
_FRAME = re.compile(r"7FE00010/frames/(?P<number>[^/]*)")


def value(request: Request, study: str, series: str, instance: str, reference: str) -> HttpResponseBase:
    stored = locate.instances(study, series, instance)[0]
    uri = f"{Links.of(request).instance(study, series, instance)}/bulkdata/{reference}"
    if frame := _FRAME.fullmatch(reference):
        numbers = frame_list.parse(frame["number"])
        return pixel_data_response.frames(request, locate.frames(stored), numbers[:1], lambda _: uri)
    return bulkdata_response.one_value(request, stored, reference, uri)


def study(request: Request, study: str) -> HttpResponseBase:
    return _all(request, locate.instances(study))


def series(request: Request, study: str, series: str) -> HttpResponseBase:
    return _all(request, locate.instances(study, series))


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponseBase:
    return _all(request, locate.instances(study, series, instance))


def _all(request: Request, found: Sequence[StoredInstance]) -> HttpResponseBase:
    return bulkdata_response.all_values(request, found, negotiation.accepted(request))
