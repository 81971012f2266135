"""Update Workitem transaction (UPS-RS, PS3.18 Section 11.6)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer, workitem_request
from workflow.services.update import update


def workitem(request: Request, workitem: str) -> HttpResponse:
    changes, lock = workitem_request.changes(request)
    updated = update(workitem, changes, transaction_uid=lock)
    warned = workitem_answer.UPDATED_WITH_MODIFICATIONS if updated.modified else None
    return workitem_answer.success(request, HTTPStatus.OK, warned)
