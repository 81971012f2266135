"""Actions on selected rows that somebody has to confirm, and may have to give a reason for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

#: A reason is Reason For Cancellation (0074,1238) of VR LT, which has at most so many characters.
LONGEST_REASON = 10_240

Action = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked before an action is taken."""

    title: str
    explanation: str
    asks_for_reason: bool


def confirmed(
    title: str, explanation: str, *, permissions: list[str], asks_for_reason: bool = False
) -> Callable[[Action], Action]:
    """An admin action that is taken once its question has been answered; a reason is an argument of the action.

    The page may `describe` a row in other words than the row itself does.
    """
    question = _Question(title, explanation, asks_for_reason)

    def decorate(action: Action) -> Action:
        @admin.action(description=f"{title}…", permissions=permissions)
        @wraps(action)
        def ask_first(page: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
            if "confirmed" not in request.POST:
                return _ask(page, request, queryset, question, action.__name__)
            reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
            action(page, request, queryset, **({"reason": reason} if asks_for_reason else {}))
            return None

        return ask_first

    return decorate


def _ask(page: Any, request: HttpRequest, queryset: QuerySet[Any], question: _Question, action: str) -> HttpResponse:
    describe: Callable[[Any], str] = getattr(page, "describe", str)
    context = {
        **page.admin_site.each_context(request),
        "title": question.title,
        "question": question,
        "longest_reason": LONGEST_REASON,
        "action": action,
        "rows": [(row.pk, describe(row)) for row in queryset],
        "opts": page.opts,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "media": page.media,
    }
    return TemplateResponse(request, "admin/workflow/confirm.html", context)
