"""Studies in the admin: looked at, downloaded, indexed again, and deleted with the bytes of their objects."""

from contextlib import suppress
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin.filters import ModalityFilter, StudyYearFilter
from archive.admin.finding import FoundByPatient
from archive.admin.indexing import Indexing
from archive.admin_pages import link_to_list
from archive.errors import NotStored
from archive.models import Series, Study
from archive.pages.viewer_links import viewer_url
from archive.services.delete import delete

#: So many studies at once can be downloaded, sent, or deleted.
MOST = 100
#: So many can be looked at side by side.
MOST_SHOWN = 10


@admin.register(Study)
class StudyAdmin(Indexing, FoundByPatient):
    patient = "patient"
    of_instance = "series__study"
    list_display = (
        "study_date",
        "patient_link",
        "study_description",
        "modalities_in_study",
        "accession_number",
        "series",
        "number_of_study_related_instances",
        "readable_size",
        "created_at",
        "links",
    )
    list_display_links = ("study_date",)
    list_filter = (ModalityFilter, StudyYearFilter, "created_at")
    exclude = ("study_time_key", "size")
    readonly_fields = ("series", "readable_size", "links")
    search_fields = (
        "study_instance_uid",
        "accession_number",
        "study_id",
        "patient__patient_id",
    )
    search_help_text = "Study UID, accession number, study ID, Patient ID, or the beginnings of parts of the name"
    list_select_related = ("patient",)
    ordering = ("-study_date", "-id")
    actions = ("download", "download_deidentified", "send", "show", "index_again", "delete_with_objects")

    # -- what is shown -----------------------------------------------------------

    @admin.display(description="patient", ordering="patient__patient_id")
    def patient_link(self, study: Study) -> SafeString:
        url = reverse("admin:archive_patient_change", args=[study.patient_id])
        return format_html('<a href="{}">{}</a>', url, study.patient.patient_name or study.patient)

    @admin.display(description="series", ordering="number_of_study_related_series")
    def series(self, study: Study) -> SafeString:
        return link_to_list(Series, str(study.number_of_study_related_series), study=study.pk)

    @admin.display(description="size", ordering="size")
    def readable_size(self, study: Study) -> str:
        return filesizeformat(study.size)

    @admin.display(description="open")
    def links(self, study: Study) -> SafeString:
        viewer = viewer_url(study.study_instance_uid, modalities=study.modalities_in_study.split("\\"))
        page = self.view_on_site(study)
        return format_html('<a href="{}">page</a> <a href="{}">viewer</a>', page, viewer)

    def view_on_site(self, study: Study) -> str:
        return reverse("archive:study", args=[study.study_instance_uid])

    # -- what can be done --------------------------------------------------------

    def has_delete_objects_permission(self, request: HttpRequest) -> bool:
        """Apart from the permission to delete rows, which nobody has here: their blobs would stay."""
        return request.user.has_perm("archive.delete_instance")

    def has_see_objects_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("archive.view_instance")

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("archive.send_study") and self.has_see_objects_permission(request)

    @admin.action(description="Download selected studies", permissions=["see_objects"])
    def download(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse | None:
        return self._lead(request, queryset, "archive:studies_zip")

    @admin.action(
        description="Download selected studies without what identifies the patient", permissions=["see_objects"]
    )
    def download_deidentified(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse | None:
        return self._lead(request, queryset, "archive:studies_deidentified_zip")

    @admin.action(description="Send selected studies …", permissions=["send"])
    def send(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse | None:
        return self._lead(request, queryset, "archive:send")

    @admin.action(description="Open selected studies in the viewer", permissions=["see_objects"])
    def show(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse | None:
        uids = self._uids(request, queryset, MOST_SHOWN)
        return redirect(viewer_url(*uids)) if uids else None

    @admin.action(description="Delete selected studies with their objects", permissions=["delete_objects"])
    def delete_with_objects(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse | None:
        uids = self._uids(request, queryset, MOST)
        if not uids:
            return None
        if "confirmed" not in request.POST:
            return self._confirmation(request, queryset)
        self.log_deletions(request, queryset)
        for uid in uids:
            with suppress(NotStored):  # somebody else was faster
                delete(uid)
        self.message_user(request, f"Deleted {len(uids)} studies.", messages.SUCCESS)
        return None

    def _lead(self, request: HttpRequest, queryset: QuerySet[Study], page: str) -> HttpResponse | None:
        """To a page that takes studies by their UIDs."""
        uids = self._uids(request, queryset, MOST)
        return redirect(f"{reverse(page)}?{urlencode({'study': uids}, doseq=True)}") if uids else None

    def _uids(self, request: HttpRequest, queryset: QuerySet[Study], most: int) -> list[str]:
        """Of the studies that are selected; none, and a word of it, when they are too many."""
        uids = list(queryset.values_list("study_instance_uid", flat=True)[: most + 1])
        if len(uids) > most:
            self.message_user(request, f"These are more than {most} studies. Select fewer.", messages.ERROR)
            return []
        return uids

    def _confirmation(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Delete studies with their objects",
            "studies": queryset,
            "instances": queryset.aggregate(total=Sum("number_of_study_related_instances"))["total"],
            "opts": self.opts,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/archive/study/delete_with_objects.html", context)
