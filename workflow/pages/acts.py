"""What people do about a workitem: claim it, say how far it is, complete it, cancel it, or ask for that."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from workflow.errors import InvalidWorkitem, LockMissing, WorkflowError, WorkitemDeleted, WorkitemNotFound
from workflow.pages import words
from workflow.pages.access import CANCEL, FORCE, PERFORM, worklist_page
from workflow.pages.forms import CancelForm, ProgressForm
from workflow.pages.workitem import Seen, answer, complete_form
from workflow.selectors.application_entities import acting_ae
from workflow.services import claims
from workflow.services.force_cancel import force_cancel
from workflow.services.request_cancellation import request_cancellation
from workflow.states import SCHEDULED


@require_POST
@worklist_page(PERFORM)
def claim(request: HttpRequest, workitem: str) -> HttpResponse:
    acting = acting_ae(request.user, request.POST.get("ae", ""))
    return _done(request, workitem, lambda: claims.claim(workitem, request.user, acting), "The step is yours.")


@require_POST
@worklist_page(FORCE)
def take_over(request: HttpRequest, workitem: str) -> HttpResponse:
    acting = acting_ae(request.user, request.POST.get("ae", ""))
    return _done(request, workitem, lambda: claims.take_over(workitem, request.user, acting), "The step is yours now.")


@require_POST
@worklist_page(PERFORM)
def progress(request: HttpRequest, workitem: str) -> HttpResponse:
    form = ProgressForm(request.POST)

    def report() -> None:
        percent, description = form.cleaned_data["percent"], form.cleaned_data["description"]
        claims.report_progress(workitem, request.user, percent, description)

    return _filled_in(request, workitem, "progress", form, report, "Your progress is known.")


@require_POST
@worklist_page(PERFORM)
def complete(request: HttpRequest, workitem: str) -> HttpResponse:
    seen = Seen.of(request, workitem)
    if not seen.shown.is_mine:
        messages.error(request, words.said(LockMissing()))
        return _back(workitem)
    form = complete_form(seen, request.POST)

    def perform() -> None:
        claims.complete(workitem, request.user, form.performed(request.user))

    return _filled_in(request, workitem, "complete", form, perform, "The step is completed.")


@require_POST
@worklist_page(PERFORM)
def cancel(request: HttpRequest, workitem: str) -> HttpResponse:
    """By who performs it."""
    form = CancelForm(request.POST)

    def stop() -> None:
        claims.cancel(workitem, request.user, form.details(request.user))

    return _filled_in(request, workitem, "cancel", form, stop, "The step is canceled.")


@require_POST
@worklist_page(CANCEL)
def ask_to_cancel(request: HttpRequest, workitem: str) -> HttpResponse:
    """What is scheduled is canceled; who performs what is in progress is asked to."""
    form = CancelForm(request.POST)
    scheduled = Seen.of(request, workitem).state == SCHEDULED

    def ask() -> None:
        requesting = acting_ae(request.user, request.POST.get("ae", ""))
        request_cancellation(workitem, form.details(request.user), requesting_ae=requesting)

    done = "The step is canceled." if scheduled else "Whoever performs the step has been asked to cancel it."
    return _filled_in(request, workitem, "cancel", form, ask, done)


@require_POST
@worklist_page(FORCE)
def force(request: HttpRequest, workitem: str) -> HttpResponse:
    form = CancelForm(request.POST)

    def stop() -> None:
        force_cancel(workitem, form.details(request.user))

    return _filled_in(request, workitem, "cancel", form, stop, "The step is canceled.")


# -- what comes of it ------------------------------------------------------------


def _filled_in(
    request: HttpRequest, workitem: str, name: str, form: Form, do: Callable[[], object], done: str
) -> HttpResponse:
    """Do what a form says; the page again where that says too little or what cannot be."""
    if form.is_valid():
        try:
            do()
        except InvalidWorkitem as error:
            form.add_error(None, str(error))
        except WorkflowError as error:
            return _failed(request, workitem, error)
        else:
            messages.success(request, done)
            return _back(workitem)
    return answer(request, workitem, status=422, **{name: form})


def _done(request: HttpRequest, workitem: str, do: Callable[[], object], done: str) -> HttpResponse:
    try:
        do()
    except WorkflowError as error:
        return _failed(request, workitem, error)
    messages.success(request, done)
    return _back(workitem)


def _failed(request: HttpRequest, workitem: str, error: WorkflowError) -> HttpResponse:
    if isinstance(error, WorkitemNotFound | WorkitemDeleted):
        raise error
    messages.error(request, words.said(error))
    return _back(workitem)


def _back(workitem: str) -> HttpResponse:
    return redirect("workflow:workitem", workitem)
