"""The page of a workitem: what is to be done, how far it is, what came out of it, and what somebody may do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.audit.events import Action
from archive.audit.trail import note
from archive.dicom.dicom_json import DataSet
from archive.dicom.readable import lines
from workflow.attribute_rules import missing_for
from workflow.missing import missing
from workflow.models import Claim, Workitem
from workflow.pages import shown_moments, words
from workflow.pages.access import CANCEL, FORCE, PERFORM, VIEW, now, worklist_page
from workflow.pages.forms import CancelForm, CompleteForm, ProgressForm, options
from workflow.pages.shown_steps import STATES, ShownStep, shown_step
from workflow.readable_steps import codes, inputs, items, outputs, performed_item, progress_item, text
from workflow.selectors.application_entities import acting_ae, ae_titles_of
from workflow.selectors.history import PastEvent, history
from workflow.selectors.worklist import ListedStep, listed
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS, SCHEDULED
from workflow.tags import (
    ACTUAL_HUMAN_PERFORMERS_SEQUENCE,
    CANCELLATION_DATE_TIME,
    COMMENTS_ON_THE_SCHEDULED_PROCEDURE_STEP,
    HUMAN_PERFORMER_CODE_SEQUENCE,
    HUMAN_PERFORMER_NAME,
    PERFORMED_PROCEDURE_STEP_END_DATE_TIME,
    PERFORMED_PROCEDURE_STEP_START_DATE_TIME,
    PERFORMED_STATION_NAME_CODE_SEQUENCE,
    PERFORMED_WORKITEM_CODE_SEQUENCE,
    SCHEDULED_PROCESSING_PARAMETERS_SEQUENCE,
    SCHEDULED_WORKITEM_CODE_SEQUENCE,
)

#: More are not shown.
MOST_REFERENCES, MOST_LINES = 200, 2000


@require_safe
@worklist_page(VIEW)
def step(request: HttpRequest, workitem: str) -> HttpResponse:
    return answer(request, workitem)


@require_safe
@worklist_page(VIEW)
def changes(request: HttpRequest, workitem: str) -> HttpResponse:
    """What has changed since somebody loaded the page: nothing (204), what it shows, or also what can be done.

    Forms stay as they are as long as they make sense: somebody may be writing.
    """
    seen = Seen.of(request, workitem)
    if request.GET.get("shown") == f"{seen.shown.row.pk}:{seen.shown.version}":
        return HttpResponse(status=204)
    note(Action.PROCEDURE, subject=f"workitem {workitem}")
    context = _now(seen)
    if request.GET.get("acts") != context["acts"]:
        context |= _acts(seen, {}) | {"acts_changed": True}
    return render(request, "workflow/step_changes.html", context)


@require_safe
@worklist_page(VIEW)
def attributes(request: HttpRequest, workitem: str) -> HttpResponse:
    """All attributes of a workitem, as they are stored."""
    shown = list(islice(lines(Seen.of(request, workitem).data_set), MOST_LINES + 1))
    context = {"lines": shown[:MOST_LINES], "more": len(shown) > MOST_LINES}
    return render(request, "workflow/step_attributes.html", context)


def answer(request: HttpRequest, workitem: str, status: int = 200, **forms: Form) -> HttpResponse:
    """The page, with these forms as somebody has filled them in."""
    seen = Seen.of(request, workitem)
    context = _now(seen) | _acts(seen, forms) | _scheduled(seen)
    return render(request, "workflow/step.html", context, status=status)


# -- what is on it ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """A workitem, and who looks at it."""

    listed: ListedStep
    shown: ShownStep
    user: Any

    @classmethod
    def of(cls, request: HttpRequest, workitem: str) -> "Seen":
        """
        Raises:
            WorkitemNotFound, WorkitemDeleted
        """
        pk = Workitem.objects.filter(sop_instance_uid=workitem).values_list("pk", flat=True).first()
        found = next(listed([pk]), None) if pk is not None else None
        if found is None:
            raise missing(workitem)
        return cls(found, shown_step(found, request.user, now()), request.user)

    @property
    def data_set(self) -> DataSet:
        return self.listed.data_set

    @property
    def state(self) -> str:
        return self.listed.workitem.procedure_step_state


def _now(seen: Seen) -> dict[str, Any]:
    """What changes while the step is performed."""
    row, data_set = seen.listed.workitem, seen.data_set
    claim, reported = getattr(row, "claim", None), history(row.sop_instance_uid)
    return {
        "step": seen.shown,
        "claim": claim,
        "acts": _kind(seen),
        "asked": words.asked(claim) if claim and seen.shown.asked_to_cancel else None,
        "performed": _performed(data_set),
        "outputs": outputs(data_set)[:MOST_REFERENCES],
        "canceled": _canceled(data_set) if seen.state == CANCELED else None,
        "history": sorted(_entries(row, claim, reported), key=lambda entry: entry.at, reverse=True),
        "reported": reported,
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history; `told` are the AE titles that a report was for."""

    at: datetime
    words: str
    told: Sequence[str] = ()


def _entries(row: Workitem, claim: Claim | None, reported: Sequence[PastEvent]) -> Iterator[Entry]:
    """The newest first, where two are of the same time."""
    if row.finished_at and not reported:
        yield Entry(row.finished_at, STATES[row.procedure_step_state].word)
    yield from (Entry(event.at, words.told(event), event.told) for event in reported)
    if claim:
        yield Entry(claim.claimed_at, f"Claimed by {claim.user or 'somebody'}, as {claim.ae_title}")
    yield Entry(row.created_at, "Created")


def _scheduled(seen: Seen) -> dict[str, Any]:
    """What was asked for."""
    data_set = seen.data_set
    parameters = {tag: data_set[tag] for tag in (SCHEDULED_PROCESSING_PARAMETERS_SEQUENCE,) if items_of(data_set, tag)}
    return {
        "inputs": inputs(data_set)[:MOST_REFERENCES],
        "parameters": list(islice(lines(parameters), MOST_LINES)),
        "works": [str(code) for code in codes(data_set, SCHEDULED_WORKITEM_CODE_SEQUENCE)],
        "comments": text(data_set, COMMENTS_ON_THE_SCHEDULED_PROCEDURE_STEP),
    }


def items_of(data_set: DataSet, tag: str) -> list[DataSet]:
    return list(items(data_set, tag))


def _performed(data_set: DataSet) -> dict[str, Any]:
    item, present = performed_item(data_set), now()
    performers = [
        text(one, HUMAN_PERFORMER_NAME) or ", ".join(map(str, codes(one, HUMAN_PERFORMER_CODE_SEQUENCE)))
        for one in items(item, ACTUAL_HUMAN_PERFORMERS_SEQUENCE)
    ]
    said = {
        "works": [str(code) for code in codes(item, PERFORMED_WORKITEM_CODE_SEQUENCE)],
        "stations": [str(code) for code in codes(item, PERFORMED_STATION_NAME_CODE_SEQUENCE)],
        "began": shown_moments.of_attribute(item, PERFORMED_PROCEDURE_STEP_START_DATE_TIME, present, data_set),
        "ended": shown_moments.of_attribute(item, PERFORMED_PROCEDURE_STEP_END_DATE_TIME, present, data_set),
        "performers": performers,
    }
    return said if any(said.values()) else {}


def _canceled(data_set: DataSet) -> dict[str, Any]:
    item = progress_item(data_set)
    at = shown_moments.of_attribute(item, CANCELLATION_DATE_TIME, now(), data_set)
    return {"at": at, "reasons": words.reasons(item)}


# -- what can be done ------------------------------------------------------------


def _kind(seen: Seen) -> str:
    """What can be done about a step depends on this: when it changes, other forms make sense."""
    return f"{seen.state} {seen.shown.performer} {seen.shown.is_mine}"


def _acts(seen: Seen, forms: dict[str, Form]) -> dict[str, Any]:
    state, mine, may = seen.state, seen.shown.is_mine, seen.user.has_perm
    performs = state == IN_PROGRESS and mine and may(PERFORM)
    shown: dict[str, Any] = {
        "may_claim": state == SCHEDULED and may(PERFORM),
        "performs": performs,
        "may_ask": seen.shown.is_open and not performs and may(CANCEL),
        "may_force": seen.shown.is_open and not performs and may(FORCE),
        "ae_titles": ae_titles_of(seen.user),
        "acting_ae": acting_ae(seen.user),
        "cancel_form": forms.get("cancel") or CancelForm(),
        "forms": forms,
    }
    if performs:
        progress = seen.shown.progress
        shown["progress_form"] = forms.get("progress") or ProgressForm(
            initial={"percent": progress.percent, "description": progress.description}
        )
        shown["complete_form"] = forms.get("complete") or complete_form(seen)
        shown["missing"] = words.missing(missing_for(COMPLETED, seen.data_set))
    return shown


def complete_form(seen: Seen, data: Any = None) -> CompleteForm:
    claim = seen.listed.workitem.claim
    choices = options(seen.data_set, claim.ae_title, may_see_series=seen.user.has_perm("archive.view_instance"))
    return CompleteForm(choices, data, began=claim.claimed_at)
