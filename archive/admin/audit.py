"""The audit trail in the admin: found by study and person, filtered, and taken away as CSV; never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from archive import csv_lines
from archive.admin_pages import ReadOnlyAdmin
from archive.audit.events import CODES, Action
from archive.models import AuditEvent

HEAD = (
    *("First", "Last", "Times", "Action", "Event ID", "Event Type", "Succeeded", "Person", "Credential", "Address"),
    *("Way", "Study Instance UID", "Subject"),
)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = (
        *("last_at", "person", "action", "succeeded", "times", "way", "study_instance_uid", "subject"),
        *("credential", "address"),
    )
    list_filter = ("action", "way", "succeeded", "last_at")
    search_fields = ("study_instance_uid", "person")
    search_help_text = "Study Instance UID or username, whole"
    ordering = ("-last_at", "-id")
    actions = ("as_csv",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As they are written, by the index of each."""
        term = search_term.strip()
        return queryset.filter(Q(study_instance_uid=term) | Q(person=term)) if term else queryset, False

    @admin.action(description="Download selected events as CSV")
    def as_csv(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> HttpResponseBase:
        name = f"audit-{timezone.now():%Y%m%d-%H%M%S}.csv"
        return csv_lines.answer(name, HEAD, map(_line, queryset.iterator(chunk_size=2000)))


def _line(event: AuditEvent) -> tuple[object, ...]:
    return (
        *(event.first_at.isoformat(), event.last_at.isoformat(), event.times),
        *(event.action, *CODES[Action(event.action)], event.succeeded),
        *(event.person, event.credential, event.address, event.way, event.study_instance_uid, event.subject),
    )
