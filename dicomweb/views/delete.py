"""Delete studies, series and instances. PS3.18 has no such transaction; the paths are those that other archives use."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from archive.services.delete import delete


def study(request: Request, study: str) -> HttpResponse:
    return _delete(study)


def series(request: Request, study: str, series: str) -> HttpResponse:
    return _delete(study, series)


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponse:
    return _delete(study, series, instance)


def _delete(*uids: str) -> HttpResponse:
    delete(*uids)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
