"""Labels that people put on studies and take off: on those that are selected in the list, and on the page of one."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from archive.dicom.uids import is_tolerable_uid
from archive.errors import LabelNotFound, MalformedLabel, TooManyLabels
from archive.list_query import MOST_ROWS
from archive.models import Label, Study
from archive.page_access import page
from archive.selectors import labels, studies
from archive.services import labels as service
from archive.study_list_query import StudyListQuery
from archive.url_values import primary_key

VIEW, LABEL, ADD = "archive.view_instance", "archive.label_study", "archive.add_label"


@require_http_methods(["GET", "HEAD", "POST"])
@page(LABEL)
@page(VIEW)
def of_selection(request: HttpRequest) -> HttpResponse:
    """The menu of labels for the studies that are selected; POST changes them first, and what the list shows."""
    given = (request.POST if request.method == "POST" else request.GET).getlist("study")[:MOST_ROWS]
    uids = [uid for uid in dict.fromkeys(given) if is_tolerable_uid(uid)]
    context: dict[str, Any] = {"selected": len(uids)}
    if request.method == "POST":
        context |= {"problem": _change(request, uids), **_changed(request, uids)}
    return render(request, "archive/label_menu.html", context | {"labels": labels.among(uids)})


@require_POST
@page(LABEL)
@page(VIEW)
def of_study(request: HttpRequest, study: str) -> HttpResponse:
    found = studies.study(study)
    problem = _change(request, [study])
    return render(request, "archive/study_labels.html", for_study(found) | {"problem": problem})


def for_study(study: Study) -> dict[str, Any]:
    """What the page of a study shows of its labels."""
    put_on = labels.of_study(study.pk)
    return {
        "study": study,
        "put_on": put_on,
        "label_names": Label.objects.order_by("name_key").values_list("name", flat=True),
    }


def chips(query: StudyListQuery) -> list[tuple[int, labels.CountedLabel | None, bool]]:
    """Primary key, label and whether studies are filtered by it; those that are deleted can be taken back, too."""
    known = {label.pk: label for label in labels.labels()}
    return [(pk, known.get(pk), pk in query.label) for pk in dict.fromkeys((*known, *query.label))]


def _changed(request: HttpRequest, uids: Sequence[str]) -> dict[str, Any]:
    """What the list shows of these studies' labels, and of all labels."""
    pks = list(Study.objects.filter(study_instance_uid__in=uids).values_list("pk", flat=True))
    put_on = labels.of_studies(pks)
    query = StudyListQuery.read(parse_qs(request.POST.get("query", "")))
    return {"rows": [(pk, put_on.get(pk, ())) for pk in pks], "chips": chips(query)}


def _change(request: HttpRequest, uids: Sequence[str]) -> str:
    """Put on or take off the label that was chosen, or put on that whose name was typed. Returns what is wrong."""
    if "label" in request.POST:
        label = get_object_or_404(Label, pk=primary_key(request.POST["label"]))
    else:
        try:
            label = service.named(request.POST.get("name", ""), create=request.user.has_perm(ADD))
        except (MalformedLabel, LabelNotFound, TooManyLabels) as error:
            return str(error)
    if request.POST.get("act") == "off":
        service.take_off(label, uids)
    else:
        service.put_on(label, uids, by=request.user)
    return ""
