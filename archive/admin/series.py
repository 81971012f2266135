"""Series in the admin."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin.filters import SeriesModalityFilter
from archive.admin.finding import Found
from archive.admin_pages import link_to_list
from archive.models import Instance, RequestAttributes, Series


class RequestAttributesInline(admin.TabularInline):  # type: ignore[type-arg]
    model = RequestAttributes
    extra = 0
    max_num = 20


@admin.register(Series)
class SeriesAdmin(Found):
    list_display = (
        "series_number",
        "modality",
        "series_description",
        "study_link",
        "instances",
        "created_at",
        "links",
    )
    list_filter = (SeriesModalityFilter,)
    search_fields = ("series_instance_uid", "study__study_instance_uid", "study__accession_number")
    search_help_text = "Series or study UID, or accession number"
    list_select_related = ("study",)
    ordering = ("study", "series_number", "id")
    inlines = (RequestAttributesInline,)
    exclude = ("performed_procedure_step_start_time_key",)
    readonly_fields = ("instances",)

    @admin.display(description="study")
    def study_link(self, series: Series) -> SafeString:
        url = reverse("admin:archive_study_change", args=[series.study_id])
        return format_html('<a href="{}">{}</a>', url, series.study)

    @admin.display(description="instances", ordering="number_of_series_related_instances")
    def instances(self, series: Series) -> SafeString:
        return link_to_list(Instance, str(series.number_of_series_related_instances), series=series.pk)

    @admin.display(description="open")
    def links(self, series: Series) -> SafeString:
        uids = [series.study.study_instance_uid, series.series_instance_uid]
        page, download = self.view_on_site(series), reverse("archive:series_zip", args=uids)
        return format_html('<a href="{}">page</a> <a href="{}">download</a>', page, download)

    def view_on_site(self, series: Series) -> str:
        return reverse("archive:study", args=[series.study.study_instance_uid])
