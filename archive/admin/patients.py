"""Patients in the admin."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from archive.admin.filters import SexFilter
from archive.admin.finding import FoundByPatient
from archive.admin_pages import count_of, link_to_list
from archive.models import Patient, Study


@admin.register(Patient)
class PatientAdmin(FoundByPatient):
    patient = "pk"
    list_display = (
        "patient_id",
        "issuer_of_patient_id",
        "patient_name",
        "patient_birth_date",
        "patient_sex",
        "studies",
    )
    list_filter = (SexFilter,)
    search_fields = ("patient_id",)
    search_help_text = "Patient ID, or the beginnings of parts of the name"
    ordering = ("-id",)
    readonly_fields = ("studies",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Patient]:
        number = count_of(Study.objects.all(), "patient")
        found: QuerySet[Patient] = super().get_queryset(request).annotate(number_of_studies=number)
        return found

    def view_on_site(self, patient: Patient) -> str:
        """The list of the patient's studies."""
        return f"{reverse('archive:study_list')}?{urlencode({'id': patient.patient_id})}"

    def get_view_on_site_url(self, obj: Patient | None = None) -> str | None:
        return super().get_view_on_site_url(obj) if obj and obj.patient_id else None

    @admin.display(description="studies")
    def studies(self, patient: Any) -> SafeString:
        return link_to_list(Study, str(patient.number_of_studies), patient=patient.pk)
