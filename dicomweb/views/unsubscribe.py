"""Unsubscribe transaction (UPS-RS, PS3.18 Section 11.11)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer
from dicomweb.requester import subscriber
from workflow.services import unsubscribe
from workflow.uids import GLOBAL_SUBSCRIPTIONS


def workitem(request: Request, workitem: str, ae_title: str) -> HttpResponse:
    """The global subscriptions end together, and with them those to single workitems (PS3.4 Table CC.2.3-2)."""
    title = subscriber(request, ae_title)
    if workitem in GLOBAL_SUBSCRIPTIONS:
        unsubscribe.unsubscribe_globally(title)
    else:
        unsubscribe.unsubscribe(workitem, title)
    return workitem_answer.success(request, HTTPStatus.OK)
