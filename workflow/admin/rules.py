"""Workitem rules in the admin, and what they have created."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin_pages import ReadOnlyAdmin, count_of, link_to_list
from workflow.models import RuleFiring, Workitem, WorkitemRule
from workflow.services import rules

#: What a new rule begins with.
EXAMPLE_TEMPLATE = {
    "00404025": {
        "vr": "SQ",
        "Value": [
            {
                "00080100": {"vr": "SH", "Value": ["TRIAGE"]},
                "00080102": {"vr": "SH", "Value": ["99LOCAL"]},
                "00080104": {"vr": "LO", "Value": ["Triage station"]},
            }
        ],
    },
    "00741200": {"vr": "CS", "Value": ["MEDIUM"]},
    "00741204": {"vr": "LO", "Value": ["Triage"]},
}


class Indented(json.JSONEncoder):
    """JSON for people."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**(options | {"indent": 2}))


class WorkitemRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule that could not fire is not kept."""

    template = forms.JSONField(
        encoder=Indented,
        widget=forms.Textarea(attrs={"rows": 24, "cols": 100, "class": "monospace"}),
        help_text="The workitem in DICOM JSON. Patient, request, study and input are added to it.",
    )

    class Meta:
        help_texts = {  # noqa: RUF012
            "filter": "As the query of a search for series, such as ModalitiesInStudy=CT&BodyPartExamined=CHEST. "
            "Empty: every study.",
        }
        widgets = {"filter": forms.Textarea(attrs={"rows": 2, "cols": 100})}  # noqa: RUF012

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "template" in values and (problems := rules.check(values.get("filter", ""), values["template"])):
            raise ValidationError([ValidationError(problem) for problem in problems])
        return values


@admin.register(WorkitemRule)
class WorkitemRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = WorkitemRuleForm
    list_display = ("name", "enabled", "filter", "quiet_seconds", "firings")
    list_filter = ("enabled",)
    search_fields = ("name", "filter")
    ordering = ("name",)
    fields = ("name", "enabled", "filter", "quiet_seconds", "template", "examined_until", "firings")
    readonly_fields = ("examined_until", "firings")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"template": EXAMPLE_TEMPLATE} | super().get_changeform_initial_data(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkitemRule]:
        number = count_of(RuleFiring.objects.all(), "rule")
        found: QuerySet[WorkitemRule] = super().get_queryset(request).annotate(number_of_firings=number)
        return found

    @admin.display(description="workitems created", ordering="number_of_firings")
    def firings(self, rule: Any) -> SafeString | str:
        return link_to_list(RuleFiring, str(rule.number_of_firings), rule=rule.pk) if rule.pk else "-"


@admin.register(RuleFiring)
class RuleFiringAdmin(ReadOnlyAdmin):
    list_display = ("fired_at", "rule", "study", "workitem")
    list_filter = ("rule", "fired_at")
    list_select_related = ("rule",)
    search_fields = ("=study_instance_uid", "=sop_instance_uid")
    search_help_text = "Study or workitem UID"
    ordering = ("-id",)
    fields = ("rule", "fired_at", "study", "workitem")

    @admin.display(description="study", ordering="study_instance_uid")
    def study(self, firing: RuleFiring) -> SafeString:
        url = reverse("admin:archive_study_changelist")
        return format_html('<a href="{}?q={}">{}</a>', url, firing.study_instance_uid, firing.study_instance_uid)

    @admin.display(description="workitem", ordering="sop_instance_uid")
    def workitem(self, firing: RuleFiring) -> SafeString:
        return link_to_list(Workitem, firing.sop_instance_uid, q=firing.sop_instance_uid)
