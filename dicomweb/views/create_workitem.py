"""Create Workitem transaction (UPS-RS, PS3.18 Section 11.4)."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb import workitem_answer, workitem_request
from dicomweb.links import Links
from workflow.services.create import create


def workitems(request: Request) -> HttpResponse:
    data_set, uid = workitem_request.new_workitem(request)
    created = create(data_set, sop_instance_uid=uid)
    response = workitem_answer.success(request, HTTPStatus.CREATED)
    # The header field is another one in editions before 2019b.
    response["Location"] = response["Content-Location"] = Links.of(request).workitem(created.sop_instance_uid)
    if created.modified:
        response["Warning"] = workitem_answer.warning(request, workitem_answer.CREATED_WITH_MODIFICATIONS)
    return response
