"""Request Cancellation transaction (UPS-RS, PS3.18 Section 11.8)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer, workitem_request
from dicomweb.requester import requesting_ae
from workflow.services.request_cancellation import request_cancellation
from workflow.states import CANCELED


def workitem(request: Request, workitem: str, requester: str | None = None) -> HttpResponse:
    """Accepted: what is in progress, its performer decides about."""
    requesting = requesting_ae(request, requester)
    details = workitem_request.cancellation(request)
    cancellation = request_cancellation(workitem, details, requesting_ae=requesting)
    warned = workitem_answer.ALREADY[CANCELED] if cancellation.already else None
    return workitem_answer.success(request, HTTPStatus.ACCEPTED, warned)
