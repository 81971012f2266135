"""Filters of lists whose choices are found by skipping through an index: DISTINCT reads every row."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from archive.selectors.modalities import combinations_with, modalities
from archive.selectors.years import years


class ModalityFilter(admin.SimpleListFilter):
    title = parameter_name = "modality"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(modality, modality) for modality in modalities()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Studies with such a series."""
        modality = self.value()
        return queryset.filter(modalities_in_study__in=combinations_with([modality])) if modality else queryset


class SeriesModalityFilter(ModalityFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        modality = self.value()
        if not modality:
            return queryset
        return queryset.filter(modality=modality, study__modalities_in_study__in=combinations_with([modality]))


class StudyYearFilter(admin.SimpleListFilter):
    """By Study Date. Django's own hierarchy of dates would ask every row for its year, and needs columns of dates."""

    title, parameter_name = "year of study", "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(year, year) for year in years()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        year = self.value()
        if not (year and year.isascii() and year.isdecimal()):
            return queryset
        return queryset.filter(study_date__gte=year, study_date__lt=str(int(year) + 1))


class SexFilter(admin.SimpleListFilter):
    """PS3.3 Section C.7.1.1."""

    title, parameter_name = "sex", "sex"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("F", "female"), ("M", "male"), ("O", "other"), ("none", "not known")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        sex = self.value()
        return queryset.filter(patient_sex="" if sex == "none" else sex) if sex else queryset
