"""Suspend Global Subscription transaction (UPS-RS, PS3.18 Section 11.12)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer
from dicomweb.requester import subscriber, suspending
from workflow.errors import NotForOneWorkitem
from workflow.services import suspend
from workflow.uids import FILTERED_SUBSCRIPTION, GLOBAL_SUBSCRIPTION

KINDS = {GLOBAL_SUBSCRIPTION: "GLOBAL", FILTERED_SUBSCRIPTION: "FILTERED"}


def subscription(request: Request, workitem: str, ae_title: str) -> HttpResponse:
    return _suspend(request, workitem, subscriber(request, ae_title))


def global_subscription(request: Request) -> HttpResponse:
    """At the path that the 2017 edition prints, which does not say whose subscription it is."""
    return _suspend(request, GLOBAL_SUBSCRIPTION, suspending(request))


def filtered_subscription(request: Request) -> HttpResponse:
    return _suspend(request, FILTERED_SUBSCRIPTION, suspending(request))


def _suspend(request: Request, workitem: str, ae_title: str) -> HttpResponse:
    if workitem not in KINDS:
        raise NotForOneWorkitem
    suspend.suspend(KINDS[workitem], ae_title)
    return workitem_answer.success(request, HTTPStatus.OK)
