"""Instances in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin.finding import Found
from archive.admin.indexing import Indexing
from archive.models import Instance


@admin.register(Instance)
class InstanceAdmin(Indexing, Found):
    """Without filters: a column that is the same for most of a hundred million rows has no index."""

    of_instance = "pk"
    list_display = (
        "instance_number",
        "sop_instance_uid",
        "sop_class_uid",
        "transfer_syntax_uid",
        "number_of_frames",
        "readable_size",
        "series_link",
        "created_at",
    )
    list_display_links = ("sop_instance_uid",)
    search_fields = ("sop_instance_uid", "series__series_instance_uid", "blob_key")
    search_help_text = "SOP Instance or series UID, or blob key"
    list_select_related = ("series",)
    actions = ("index_again",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Those of a series in its order, of all the newest first."""
        return ("series", "instance_number", "id") if "series" in request.GET else ("-id",)

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return ("instance_number", "created_at", "readable_size") if "series" in request.GET else ()

    def view_on_site(self, instance: Instance) -> str:
        return reverse("archive:study", args=[instance.series.study.study_instance_uid])

    @admin.display(description="size", ordering="size")
    def readable_size(self, instance: Instance) -> str:
        return filesizeformat(instance.size)

    @admin.display(description="series")
    def series_link(self, instance: Instance) -> SafeString:
        url = reverse("admin:archive_series_change", args=[instance.series_id])
        return format_html('<a href="{}">{}</a>', url, instance.series)
