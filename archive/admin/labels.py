"""Labels: renamed, given another color, and deleted with what they were on, once somebody has confirmed it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin_pages import MOST_COUNTED
from archive.models import Label, StudyLabel
from archive.services import labels


@admin.register(Label)
class LabelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "shown", "studies")
    fields = ("name", "color")
    search_fields = ("name",)
    ordering = ("name_key",)

    class Media:
        css: ClassVar = {"all": ["css/labels.css"]}

    @admin.display(description="color", ordering="color")
    def shown(self, label: Label) -> SafeString:
        return format_html('<span class="label-chip label-{}">{}</span>', label.color, label.get_color_display())

    @admin.display(description="studies")
    def studies(self, label: Label) -> SafeString:
        return format_html('<a href="{}?label={}">studies</a>', reverse("archive:study_list"), label.pk)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Labels, and on how many studies they are; Django would list each of those, and there may be millions."""
        put_on = StudyLabel.objects.filter(label__in=[label.pk for label in objs])[: MOST_COUNTED + 1].count()
        times = "times on a study" if put_on <= MOST_COUNTED else "times on a study, or more"
        return [str(label) for label in objs], {"labels": len(objs), times: min(put_on, MOST_COUNTED)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Label) -> None:
        labels.delete(Label.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Label]) -> None:
        labels.delete(queryset)
