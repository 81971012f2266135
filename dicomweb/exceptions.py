"""The one table from what went wrong to an HTTP status, and the body that explains it.

Only our own classes are listed, and a database that is away: any other exception that gets here is our bug and is
answered 500.
"""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions as framework
from rest_framework.views import set_rollback

from archive.dicom.confidentiality.deidentification import CannotDeidentify
from archive.dicom.confidentiality.held_stream import HeadTooLarge
from archive.dicom.errors import (
    MalformedAttribute,
    MalformedMetadata,
    MalformedPixelData,
    NoCodec,
    NotRenderable,
    NotTranscodable,
    UnusableBulkdata,
    UnusableViewport,
    UnusableWindow,
)
from archive.dicom.matching.query_keys import MalformedMatch
from archive.dicom.matching.query_strings import MalformedParameters
from archive.errors import (
    BulkdataMismatch,
    Deleted,
    InstancesTooLarge,
    MalformedLabel,
    MetadataTooLarge,
    NoProcess,
    NotReferenced,
    NotStored,
    SearchTooBroad,
    TooManyLabels,
)
from archive.http.ranges import RangeNotSatisfiable
from archive.services.store import StoreFailed
from archive.storage import StorageError
from dicomweb import errors, workitem_answer
from dicomweb.http.frame_list import MalformedFrameList
from dicomweb.http.rendering_parameters import MalformedRendering
from dicomweb.http.wado_parameters import MalformedWado
from dicomweb.status_report import status_report
from workflow import errors as worklist

log = logging.getLogger(__name__)

STATUS: dict[type[Exception], int] = {
    errors.BadRequest: 400,
    BulkdataMismatch: 400,
    errors.ClientGone: 408,
    MalformedAttribute: 400,
    MalformedFrameList: 400,
    MalformedLabel: 400,
    MalformedMatch: 400,
    MalformedMetadata: 400,
    MalformedParameters: 400,
    MalformedRendering: 400,
    MalformedWado: 400,
    NotReferenced: 400,
    UnusableViewport: 400,
    UnusableWindow: 400,
    NotStored: 404,
    CannotDeidentify: 406,
    MalformedPixelData: 406,
    NoCodec: 406,
    errors.NotAcceptable: 406,
    NotRenderable: 406,
    NotTranscodable: 406,
    TooManyLabels: 409,
    Deleted: 410,
    errors.LengthRequired: 411,
    errors.AnswerTooLarge: 413,
    HeadTooLarge: 413,
    errors.RequestTooLarge: 413,
    InstancesTooLarge: 413,
    MetadataTooLarge: 413,
    SearchTooBroad: 413,
    errors.EncodedBody: 415,
    errors.UnsupportedMediaType: 415,
    UnusableBulkdata: 415,
    RangeNotSatisfiable: 416,
    NoProcess: 503,
    StoreFailed: 503,
    StorageError: 503,
    InterfaceError: 503,
    OperationalError: 503,
    # PS3.18 Section 11: who does not hold the lock is answered 400, what contradicts the state 409.
    worklist.AlreadyFinal: 400,
    worklist.InvalidFilter: 400,
    worklist.InvalidWorkitem: 400,
    worklist.LockIncorrect: 400,
    worklist.LockMissing: 400,
    worklist.NotForOneWorkitem: 400,
    worklist.NotScheduled: 400,
    worklist.FilterRefused: 403,
    worklist.NotSubscribed: 404,
    worklist.UnknownSubscriber: 404,
    worklist.WorkitemNotFound: 404,
    worklist.AlreadyCompleted: 409,
    worklist.DuplicateWorkitem: 409,
    worklist.LockUnexpected: 409,
    worklist.NotFinishable: 409,
    worklist.PerformerUnreachable: 409,
    worklist.StateConflict: 409,
    worklist.WorkitemDeleted: 410,
}

#: What the database says is for the log.
DATABASE_AWAY = "The database cannot be reached; try again."
MALFORMED = "The request is malformed, or its host is not one of this archive's (ARCHIVE_ALLOWED_HOSTS)."


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Django REST framework's exception hook."""
    request = context.get("request")
    if isinstance(error, framework.APIException):
        return _framework_answer(request, error)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    if status is None:
        return None
    set_rollback()
    if status >= 500:
        log.error("%s: %s", type(error).__name__, error)
    if isinstance(error, worklist.WorkflowError):
        return _worklist_answer(request, status, error)
    message = DATABASE_AWAY if isinstance(error, InterfaceError | OperationalError) else str(error)
    response = status_report(request, status, message)
    if isinstance(error, RangeNotSatisfiable):
        response["Content-Range"] = f"bytes */{error.length}"
    return response


def _worklist_answer(request: HttpRequest | None, status: int, error: worklist.WorkflowError) -> HttpResponse:
    """With the status code that DIMSE has for it, and the warning that PS3.18 Section 11 has."""
    details = {"code": f"{error.code:04X}"}
    warned = workitem_answer.FAILURES.get(type(error))
    if warned is None or request is None:
        return status_report(request, status, str(error), **details)
    response = status_report(request, status, str(error), **details, warning=warned)
    response["Warning"] = workitem_answer.warning(request, warned)
    return response


def _framework_answer(request: HttpRequest | None, error: framework.APIException) -> HttpResponse:
    """401 with WWW-Authenticate, 403, 405 and the like (`Allow` is set by the view)."""
    response = status_report(request, error.status_code, str(error.detail))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For paths that no resource has."""
    return status_report(request, 404, "There is no such resource.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For what Django refuses before a resource is reached, such as a host that is not ours."""
    return status_report(request, 400, MALFORMED)


def server_error(request: HttpRequest) -> HttpResponse:
    return status_report(request, 500, "The archive failed to answer. The failure has been logged.")
