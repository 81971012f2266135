"""Change Workitem State transaction (UPS-RS, PS3.18 Section 11.7)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer, workitem_request
from dicomweb.requester import requesting_ae
from workflow.services.change_state import change_state


def state(request: Request, workitem: str, requester: str | None = None) -> HttpResponse:
    """The lock says whose workitem it is; who asks, as later editions have it, is not compared with anything."""
    requesting_ae(request, requester)
    requested, lock = workitem_request.state_change(request)
    changed = change_state(workitem, requested, transaction_uid=lock)
    warned = workitem_answer.ALREADY[requested] if changed.already else None
    return workitem_answer.success(request, HTTPStatus.OK, warned)
