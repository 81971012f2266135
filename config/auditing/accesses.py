"""What a request does, told from where its URL leads: one table for resources, one for pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import ResolverMatch

from archive.audit.events import Action
from archive.dicom.uids import is_tolerable_uid
from archive.models import Instance, Series, Study


@dataclass(frozen=True, slots=True)
class Access:
    """An action on studies, by their UIDs, and on something else."""

    action: Action
    studies: tuple[str, ...] = ()
    subject: str = ""


#: What services note by themselves when it is done, with the studies that it was done with.
NOTED_BY_SERVICES = frozenset({Action.STORED, Action.DELETED, Action.LABELED})

#: By the view module of a transaction. Subscriptions and event reports are between AEs.
TRANSACTIONS: Mapping[str, Action] = {
    "search": Action.QUERY,
    "instances": Action.RETRIEVED,
    "metadata": Action.ACCESSED,
    "pixel_data": Action.RETRIEVED,
    "bulkdata": Action.RETRIEVED,
    "rendered": Action.ACCESSED,
    "thumbnail": Action.ACCESSED,
    "wado_uri": Action.RETRIEVED,
    "store": Action.STORED,
    "delete": Action.DELETED,
    "labels": Action.ACCESSED,
    "label_study": Action.LABELED,
    "search_workitems": Action.QUERY,
    "retrieve_workitem": Action.PROCEDURE,
    "create_workitem": Action.PROCEDURE,
    "update_workitem": Action.PROCEDURE,
    "change_workitem_state": Action.PROCEDURE,
    "request_cancellation": Action.PROCEDURE,
}

#: By the name of a page. At others somebody looks, where a study or a step is in their URL; or downloads it.
PAGES: Mapping[str, Action | None] = {
    "archive:study_list": Action.QUERY,
    "archive:study_audit": Action.TRAIL_READ,
    "workflow:worklist": Action.QUERY,
    # These ask by themselves, again and again: they note it when they are told something.
    "archive:arrivals": None,
    "archive:growth": None,
    "workflow:worklist_changes": None,
    "workflow:workitem_changes": None,
    # How it is shared is noted where that changes.
    "archive:share": None,
}

#: The pages that are told in their query what studies they are about. At all others such a query says nothing.
OF_NAMED_STUDIES = frozenset(
    {
        *("archive:studies_zip", "archive:studies_deidentified_zip", "archive:send", "archive:labels"),
        "archive:delete_studies",
    }
)

#: What the names of downloads end with.
DOWNLOAD = "zip"

#: By the model of an admin page for one row, whose study it is.
ROWS: Mapping[str, Callable[[int], Any]] = {
    "study": lambda pk: Study.objects.filter(pk=pk).values_list("study_instance_uid", flat=True),
    "series": lambda pk: Series.objects.filter(pk=pk).values_list("study__study_instance_uid", flat=True),
    "instance": lambda pk: Instance.objects.filter(pk=pk).values_list("series__study__study_instance_uid", flat=True),
}


def access(request: HttpRequest, match: ResolverMatch) -> Access | None:
    """What the request asks for; None for what the trail is not about."""
    resource = getattr(match.func, "cls", None)
    if resource is not None:
        return _of_resource(request, match, resource)
    return _of_admin(match) if match.app_name == "admin" else _of_page(request, match)


def _of_resource(request: HttpRequest, match: ResolverMatch, resource: Any) -> Access | None:
    method = "GET" if request.method == "HEAD" else request.method
    module = getattr(resource, "modules", {}).get(method, "")
    action = TRANSACTIONS.get(module.rpartition(".")[2])
    if action is None:
        return None
    named = request.GET.get("studyUID")  # PS3.18 Section 9.1.2
    studies = [match.kwargs.get("study"), named if action is Action.RETRIEVED else None]
    return Access(action, _uids(studies), _step(match))


def _of_page(request: HttpRequest, match: ResolverMatch) -> Access | None:
    studies, step = _uids([match.kwargs.get("study")]) + _named(request, match), _step(match)
    if match.view_name in PAGES:
        action = PAGES[match.view_name]
    elif match.view_name.endswith(DOWNLOAD):
        action = Action.EXPORTED
    else:
        action = Action.PROCEDURE if step else Action.ACCESSED if studies else None
    return Access(action, studies, step) if action else None


def _named(request: HttpRequest, match: ResolverMatch) -> tuple[str, ...]:
    """The stored studies among those that the query names: nobody fills the trail with others."""
    uids = _uids(request.GET.getlist("study")) if match.view_name in OF_NAMED_STUDIES else ()
    stored = set(Study.objects.filter(study_instance_uid__in=uids).values_list("study_instance_uid", flat=True))
    return tuple(uid for uid in dict.fromkeys(uids) if uid in stored)


def _of_admin(match: ResolverMatch) -> Access | None:
    app, _, page = (match.url_name or "").partition("_")
    model, _, kind = page.partition("_")
    if app != "archive" or model not in {*ROWS, "patient", "auditevent"}:
        return None
    if model == "auditevent":
        return Access(Action.TRAIL_READ)
    key = _key(match)
    if kind == "changelist" or model not in ROWS or key is None:
        return Access(Action.QUERY)
    return Access(Action.ACCESSED, tuple(ROWS[model](key)))


def _key(match: ResolverMatch) -> Any:
    """The primary key as the admin reads it, which takes several spellings; None where there is none."""
    try:
        return Study._meta.pk.to_python(unquote(match.kwargs.get("object_id", "")))
    except ValidationError:
        return None


def _uids(texts: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(text for text in texts if text and is_tolerable_uid(text))


def _step(match: ResolverMatch) -> str:
    uid = match.kwargs.get("workitem", "")
    return f"workitem {uid}" if is_tolerable_uid(uid) else ""
