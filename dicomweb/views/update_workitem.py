"""Update Workitem transaction (UPS-RS, PS3.18 Section 11.6)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer, workitem_request
from workflow.services.update import Updated, update


def workitem(request: Request, workitem: str) -> HttpResponse:
    changes, lock = workitem_request.changes(request)
    updated = update(workitem, changes, transaction_uid=lock)
    return workitem_answer.success(request, HTTPStatus.OK, _warning(updated))


def _warning(updated: Updated) -> str | None:
    if updated.unsupported:
        return workitem_answer.NOT_SUPPORTED
    return workitem_answer.UPDATED_WITH_MODIFICATIONS if updated.modified else None
