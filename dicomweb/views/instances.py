"""Retrieve study, series and instance (WADO-RS, PS3.18 Section 10.4, Table 10.4.1-1)."""

from collections.abc import Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.selectors import locate
from archive.selectors.locate import StoredInstance
from dicomweb import bulkdata_response, instance_response, negotiation


def study(request: Request, study: str) -> HttpResponseBase:
    return _retrieve(request, locate.instances(study), one=False)


def series(request: Request, study: str, series: str) -> HttpResponseBase:
    return _retrieve(request, locate.instances(study, series), one=False)


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponseBase:
    return _retrieve(request, locate.instances(study, series, instance), one=True)


def _retrieve(request: Request, found: Sequence[StoredInstance], *, one: bool) -> HttpResponseBase:
    """The instances, or their bulk data where those are what is asked for (PS3.18 Table 10.4.4-1)."""
    accepted = negotiation.accepted(request)
    if negotiation.prefers_bulk_data(accepted):
        return bulkdata_response.all_values(request, found, accepted)
    return instance_response.instances(request, found, accepted, one=one)
