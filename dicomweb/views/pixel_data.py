"""Retrieve frames (WADO-RS, PS3.18 Section 10.4.1.1.6), and all pixel data of a target (Section 10.4.1.1.7)."""

from collections.abc import Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.selectors import locate
from archive.selectors.locate import StoredInstance
from dicomweb import bulkdata_response, negotiation, pixel_data_response
from dicomweb.errors import NotAcceptable
from dicomweb.http import frame_list
from dicomweb.links import Links


def frames(request: Request, study: str, series: str, instance: str, frames: str) -> HttpResponseBase:
    numbers = frame_list.parse(frames)
    found = locate.frames(locate.instances(study, series, instance)[0])
    instance_url = Links.of(request).instance(study, series, instance)
    if found.index.video:
        # WADO-54: a frame of a video is no representation of its own; the video is one, with its bulk data URI.
        raise NotAcceptable([f"the whole video at {instance_url}/bulkdata/7FE00010"])
    return pixel_data_response.frames(request, found, numbers, lambda number: f"{instance_url}/frames/{number}")


def study(request: Request, study: str) -> HttpResponseBase:
    return _all(request, locate.instances(study))


def series(request: Request, study: str, series: str) -> HttpResponseBase:
    return _all(request, locate.instances(study, series))


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponseBase:
    return _all(request, locate.instances(study, series, instance))


def _all(request: Request, found: Sequence[StoredInstance]) -> HttpResponseBase:
    return bulkdata_response.all_values(request, found, negotiation.accepted(request), pixel_data_only=True)
