"""The answers of the worklist's transactions, and their warnings in the words of PS3.18 Section 11."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from dicomweb.http.warnings import service_warning
from dicomweb.links import Links
from dicomweb.status_report import status_report
from workflow import errors
from workflow.states import CANCELED, COMPLETED

CREATED_WITH_MODIFICATIONS = "The Workitem was created with modifications."
UPDATED_WITH_MODIFICATIONS = "The Workitem was updated with modifications."
NOT_SUPPORTED = "Requested optional Attributes are not supported."
LOCK_NOT_GRANTED = "Deletion Lock not granted."
ALREADY = {
    CANCELED: "The UPS is already in the requested state of CANCELED.",
    COMPLETED: "The UPS is already in the requested state of COMPLETED.",
}

#: What is wrong, in the standard's words, where it has some.
FAILURES: Mapping[type[Exception], str] = {
    errors.LockMissing: "The Transaction UID is missing.",
    errors.LockIncorrect: "The Transaction UID is incorrect.",
    errors.LockUnexpected: "The target URI did not reference a claimed Workitem.",
    errors.AlreadyFinal: "The submitted request is inconsistent with the current state of the Workitem.",
    errors.StateConflict: "The submitted request is inconsistent with the state of the UPS Instance.",
    errors.NotFinishable: "The submitted request is inconsistent with the state of the UPS Instance.",
    errors.AlreadyCompleted: "The UPS is already COMPLETED.",
    errors.FilterRefused: "Filtered Worklist Subscriptions are not supported.",
    errors.PerformerUnreachable: "The performer cannot be contacted.",
}


def warning(request: HttpRequest, text: str) -> str:
    return service_warning(Links.of(request).root, text)


def success(request: HttpRequest, status: int, warned: str | None = None) -> HttpResponse:
    """An answer without a body; with a Status Report where there is something to be warned of."""
    if warned is None:
        response = HttpResponse(status=status)
        del response["Content-Type"]
        return response
    response = status_report(request, status, warned)
    response["Warning"] = warning(request, warned)
    return response
