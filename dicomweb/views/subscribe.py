"""Subscribe transaction (UPS-RS, PS3.18 Section 11.10)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer, workitem_request
from dicomweb.http import workitem_parameters
from dicomweb.http.workitem_parameters import SubscriptionParameters
from dicomweb.links import Links
from dicomweb.requester import subscriber
from workflow.services import subscribe as service
from workflow.services.subscribe import Subscribed
from workflow.uids import FILTERED_SUBSCRIPTION, GLOBAL_SUBSCRIPTIONS


def workitem(request: Request, workitem: str, ae_title: str) -> HttpResponse:
    title = subscriber(request, ae_title)
    query = workitem_request.query(request)
    parameters = workitem_parameters.subscription(query, filtered=workitem == FILTERED_SUBSCRIPTION)
    subscribed = _subscribe(workitem, title, parameters)
    refused = parameters.deletion_lock and not subscribed.lock_granted
    warned = workitem_answer.LOCK_NOT_GRANTED if refused else None
    response = workitem_answer.success(request, HTTPStatus.CREATED, warned)
    # Some clients look for the event channel in one header field, some in the other.
    response["Location"] = response["Content-Location"] = Links.of(request).event_channel(title)
    return response


def _subscribe(workitem: str, ae_title: str, parameters: SubscriptionParameters) -> Subscribed:
    lock = parameters.deletion_lock
    if workitem in GLOBAL_SUBSCRIPTIONS:
        return service.subscribe_globally(ae_title, deletion_lock=lock, filter=parameters.keys or None)
    return service.subscribe(workitem, ae_title, deletion_lock=lock)
