"""Change Workitem State transaction (UPS-RS, PS3.18 Section 11.7)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request
from workflow.services.change_state import change_state

from dicomweb import workitem_answer, workitem_request
from dicomweb.requester import requesting_ae


def state(request: Request, workitem: str, requester: str | None = None) -> HttpResponse:
    """The lock says whose workitem it is; the requester, which later editions have, has to be an AE title all the same."""
    requesting_ae(request, requester)
    requested, lock = workitem_request.state_change(request)
    changed = change_state(workitem, requested, transaction_uid=lock)
    return workitem_answer.success(
        request, HTTPStatus.OK, workitem_answer.ALREADY[requested] if changed.already else None
    )
