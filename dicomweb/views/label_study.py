"""Put a label on a study, or take it off, by its name; PS3.18 does not have labels."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from archive.selectors import studies
from archive.services import labels
from dicomweb.permissions import may


def put(request: Request, study: str, label: str) -> HttpResponse:
    """A label that there is not is made, by who may add one."""
    found = studies.study(study)
    named = labels.named(label, create=may(request, "archive.add_label"))
    labels.put_on(named, [found.study_instance_uid], by=request.user if request.user.is_authenticated else None)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def delete(request: Request, study: str, label: str) -> HttpResponse:
    """Also when it is not on the study: afterwards it is not."""
    found = studies.study(study)
    labels.take_off(labels.named(label), [found.study_instance_uid])
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
