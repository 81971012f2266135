"""How rows are found in lists of millions: each way by its own index, since databases take none for an "or"."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from archive.admin_pages import MOST_COUNTED, ReadOnlyAdmin
from archive.dicom.matching.person_names import fold
from archive.models import PatientNameKey


class Found(ReadOnlyAdmin):
    """Rows are found by an identifier, in capitals or not: nobody remembers which."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found: set[int] = set()
        for way in self.ways(request, term):
            found |= set(self.model.objects.filter(way).order_by().values_list("pk", flat=True)[:MOST_COUNTED])
        return queryset.filter(pk__in=found), False

    def ways(self, request: HttpRequest, term: str) -> Iterator[Q]:
        """The conditions of which a row meets one."""
        spellings = {term, term.upper(), term.lower()}
        return (Q(**{f"{identifier}__in": spellings}) for identifier in self.get_search_fields(request))


class FoundByPatient(Found):
    """Also by how parts of the patient's name begin, in any order and spelling."""

    #: Where the patient of a row is.
    patient: ClassVar[str]

    def ways(self, request: HttpRequest, term: str) -> Iterator[Q]:
        yield from super().ways(request, term)
        named = Q()
        for word in term.split():
            keys = PatientNameKey.objects.filter(key__startswith=fold(word))
            named &= Q(**{f"{self.patient}__in": keys.values("patient")})
        yield named
