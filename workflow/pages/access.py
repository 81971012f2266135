"""Who may see and do what on the pages of the worklist, and in which time zone they are."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from archive.dicom.uids import is_tolerable_uid
from archive.page_access import page
from archive.pages.local_time import zone
from workflow.errors import WorkitemDeleted, WorkitemNotFound

VIEW = "workflow.view_workitem"
PERFORM = "workflow.perform_workitem"
CANCEL = "workflow.cancel_workitem"
#: As in the admin, where nobody changes rows.
FORCE = "workflow.change_workitem"

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def worklist_page(permission: str) -> Callable[[Page[P]], Page[P]]:
    """A view for people with this permission, in their time zone."""

    def decorate(view: Page[P]) -> Page[P]:
        @page(permission)
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not is_tolerable_uid(str(kwargs.get("workitem", "0"))):
                raise Http404
            try:
                with timezone.override(zone(request)):
                    return view(request, *args, **kwargs)
            except WorkitemNotFound as error:
                raise Http404 from error
            except WorkitemDeleted as error:
                context = {"status": "410", "heading": "Deleted", "advice": str(error)}
                return render(request, "error.html", context, status=410)

        return answered

    return decorate


def now() -> datetime:
    """The present, in the zone of who looks."""
    return timezone.localtime()
