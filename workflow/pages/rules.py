"""The rules by which arriving studies become steps, to be read; the admin changes them."""

from dataclasses import dataclass

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.dicom.readable import Line, lines
from workflow.errors import InvalidWorkitem
from workflow.models import WorkitemRule
from workflow.pages.access import VIEW, worklist_page
from workflow.study_workitem import read_template


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule, and its template in words; none where that cannot be read."""

    row: WorkitemRule
    lines: list[Line]


@require_safe
@worklist_page(VIEW)
def rules(request: HttpRequest) -> HttpResponse:
    rows = WorkitemRule.objects.order_by("-enabled", "name").annotate(
        number=Count("firings"), last_fired_at=Max("firings__fired_at")
    )
    return render(request, "workflow/rules.html", {"rules": [ShownRule(row, _template(row)) for row in rows]})


def _template(rule: WorkitemRule) -> list[Line]:
    try:
        return list(lines(read_template(rule.template)))
    except InvalidWorkitem:
        return []
