"""Stored objects in the admin: to look at and follow down the hierarchy, not to edit. Objects say what they are.

Studies can be deleted, with the bytes of their objects.
"""

from contextlib import suppress
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin_pages import ReadOnlyAdmin, link_to_list
from archive.dicom.matching.person_names import fold
from archive.errors import NotStored
from archive.models import Instance, Patient, PatientNameKey, RequestAttributes, Series, Study
from archive.services.delete import delete


class SearchedByPatient(ReadOnlyAdmin):
    """Rows are found by an identifier, or by how parts of the patient's name begin, in any order and spelling."""

    #: Where the patient of a row is.
    patient: ClassVar[str]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        identified, named = Q(), Q()
        for identifier in self.get_search_fields(request):
            identified |= Q(**{f"{identifier}__iexact": search_term.strip()})
        for word in search_term.split():
            keys = PatientNameKey.objects.filter(key__startswith=fold(word))
            named &= Q(**{f"{self.patient}__in": keys.values("patient")})
        return queryset.filter(identified | named) if named else queryset, False


@admin.register(Patient)
class PatientAdmin(SearchedByPatient):
    patient = "pk"
    list_display = (
        "patient_id",
        "issuer_of_patient_id",
        "patient_name",
        "patient_birth_date",
        "patient_sex",
        "studies",
    )
    list_filter = ("patient_sex", "issuer_of_patient_id")
    search_fields = ("patient_id",)
    search_help_text = "Patient ID, or the beginnings of parts of the name"
    ordering = ("-id",)
    readonly_fields = ("studies",)

    @admin.display(description="studies")
    def studies(self, patient: Patient) -> SafeString:
        return link_to_list(Study, "studies", patient=patient.pk)


@admin.register(Study)
class StudyAdmin(SearchedByPatient):
    patient = "patient"
    list_display = (
        "study_date",
        "study_time",
        "patient_link",
        "study_description",
        "modalities_in_study",
        "accession_number",
        "series",
        "number_of_study_related_instances",
        "created_at",
    )
    list_display_links = ("study_date",)
    list_filter = ("created_at", "series__modality")
    exclude = ("study_time_key",)
    readonly_fields = ("series",)
    search_fields = (
        "study_instance_uid",
        "accession_number",
        "study_id",
        "patient__patient_id",
    )
    search_help_text = "Study UID, accession number, study ID, Patient ID, or the beginnings of parts of the name"
    list_select_related = ("patient",)
    ordering = ("-study_date", "-id")
    actions = ("delete_with_objects",)

    def has_delete_objects_permission(self, request: HttpRequest) -> bool:
        """Apart from the permission to delete rows, which nobody has here: their blobs would stay."""
        return request.user.has_perm("archive.delete_instance")

    @admin.action(description="Delete selected studies with their objects", permissions=["delete_objects"])
    def delete_with_objects(self, request: HttpRequest, queryset: QuerySet[Study]) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            return self._confirmation(request, queryset)
        studies = list(queryset)
        self.log_deletions(request, queryset)
        for study in studies:
            with suppress(NotStored):  # somebody else was faster
                delete(study.study_instance_uid)
        self.message_user(request, f"Deleted {len(studies)} studies.", messages.SUCCESS)
        return None

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

    @admin.display(description="patient", ordering="patient__patient_id")
    def patient_link(self, study: Study) -> SafeString:
        url = reverse("admin:archive_patient_change", args=[study.patient_id])
        return format_html('<a href="{}">{}</a>', url, study.patient.patient_name or study.patient)

    @admin.display(description="series", ordering="number_of_study_related_series")
    def series(self, study: Study) -> SafeString:
        return link_to_list(Series, str(study.number_of_study_related_series), study=study.pk)


class RequestAttributesInline(admin.TabularInline):  # type: ignore[type-arg]
    model = RequestAttributes
    extra = 0


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ("series_number", "modality", "series_description", "study_link", "instances", "created_at")
    list_filter = ("modality", "created_at")
    search_fields = ("=series_instance_uid", "=study__study_instance_uid", "=study__accession_number")
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


@admin.register(Instance)
class InstanceAdmin(ReadOnlyAdmin):
    list_display = (
        "instance_number",
        "sop_instance_uid",
        "sop_class_uid",
        "transfer_syntax_uid",
        "number_of_frames",
        "size",
        "series_link",
        "created_at",
    )
    list_display_links = ("sop_instance_uid",)
    list_filter = ("created_at", "transfer_syntax_uid")
    search_fields = ("=sop_instance_uid", "=series__series_instance_uid", "=sha256", "=blob_key")
    search_help_text = "SOP Instance or series UID, SHA-256 of the file, or blob key"
    list_select_related = ("series",)
    ordering = ("series", "instance_number", "id")

    @admin.display(description="series")
    def series_link(self, instance: Instance) -> SafeString:
        url = reverse("admin:archive_series_change", args=[instance.series_id])
        return format_html('<a href="{}">{}</a>', url, instance.series)
