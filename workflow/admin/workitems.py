"""Workitems in the admin."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from archive.admin_pages import MOST_COUNTED, ReadOnlyAdmin, count_of, link_to_list
from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.person_names import fold
from workflow.admin.confirmed import confirmed
from workflow.admin.data_sets import table
from workflow.data_sets import element
from workflow.errors import WorkflowError
from workflow.models import Event, IndexedValue, Subscription, Workitem
from workflow.queryable import name, study_paths
from workflow.selectors.application_entities import ae_titles_of
from workflow.selectors.workitems import of_study
from workflow.services.force_cancel import force_cancel
from workflow.services.request_cancellation import request_cancellation
from workflow.tags import ACCESSION_NUMBER, PATIENT_NAME, REASON_FOR_CANCELLATION, REFERENCED_REQUEST_SEQUENCE
from workflow.worklist_query import PRIORITIES

#: Of a name that is searched for, those after them are not looked at.
MOST_WORDS = 20
ACCESSION_NUMBERS = name((REFERENCED_REQUEST_SEQUENCE, ACCESSION_NUMBER))


class StudyFilter(admin.SimpleListFilter):
    """The steps of a study: `?study=` its UID."""

    title = "study"
    parameter_name = "study"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        return self.value() is not None

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": False,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "All",
        }
        yield {"selected": True, "query_string": changelist.get_query_string(), "display": self.value()}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Workitem]) -> QuerySet[Workitem]:
        study = self.value()
        return queryset.filter(pk__in=of_study(study).order_by().values("pk")) if study else queryset


class PriorityFilter(admin.SimpleListFilter):
    """PS3.3 Section C.30.2. Django's own filter would read every workitem to say which priorities there are."""

    title = parameter_name = "priority"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(priority, priority) for priority in PRIORITIES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Workitem]) -> QuerySet[Workitem]:
        priority = self.value()
        return queryset.filter(scheduled_procedure_step_priority=priority) if priority else queryset


def _column(field: str, title: str) -> Callable[[Any, Workitem], str]:
    """A column under a shorter title than its field has."""

    @admin.display(description=title, ordering=field)
    def shown(self: Any, workitem: Workitem) -> str:
        return str(getattr(workitem, field))

    return shown


@admin.register(Workitem)
class WorkitemAdmin(ReadOnlyAdmin):
    """The Transaction UID, with which the performer proves to be that, is not shown."""

    change_form_template = "admin/workflow/workitem/change_form.html"
    list_display = (
        "start",
        "state",
        "priority",
        "label",
        "worklist",
        "patient",
        "patient_id",
        "subscribers",
    )
    list_display_links = ("start", "label")
    list_filter = (
        "procedure_step_state",
        PriorityFilter,
        "created_at",
        StudyFilter,
    )
    search_help_text = "Workitem or study UID, accession number, Patient ID, or the beginnings of parts of the name"
    search_fields = ("sop_instance_uid", "patient_id", "admission_id")
    ordering = ("-scheduled_procedure_step_start_date_time", "-sop_instance_uid")  # an index
    fields = (
        "state",
        "created_at",
        "updated_at",
        "finished_at",
        "subscribers",
        "locks",
        "events",
        "studies",
        "data_set",
    )
    actions = ("request_cancellation", "force_cancel")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workitem]:
        number = count_of(Subscription.objects.all(), "workitem")
        found: QuerySet[Workitem] = super().get_queryset(request).annotate(number_of_subscribers=number)
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whoever could filter by the beginning of a Transaction UID would find it out, a digit at a time."""
        return "transaction_uid" not in lookup and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Workitem], search_term: str
    ) -> tuple[QuerySet[Workitem], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found: set[int] = set()
        for way in self._ways(term):
            found |= set(Workitem.objects.filter(way).order_by().values_list("pk", flat=True)[:MOST_COUNTED])
        return queryset.filter(pk__in=found), False

    def _ways(self, term: str) -> Iterator[Q]:
        """The conditions of which a workitem meets one, each with an index of its own: for an "or" there is none."""
        values = IndexedValue.objects.filter(value=term, path__in=[*study_paths(), ACCESSION_NUMBERS])
        yield Q(pk__in=values.values("workitem_id"))
        yield from (Q(**{f"{field}__in": {term, term.upper(), term.lower()}}) for field in self.search_fields)
        yield _named(term)

    # -- what is shown -----------------------------------------------------------

    state = _column("procedure_step_state", "state")
    priority = _column("scheduled_procedure_step_priority", "priority")
    label = _column("procedure_step_label", "label")
    worklist = _column("worklist_label", "worklist")
    patient = _column("patient_name", "patient")

    @admin.display(description="start", ordering="scheduled_procedure_step_start_date_time")
    def start(self, workitem: Workitem) -> SafeString:
        shown = workitem.scheduled_procedure_step_start_as_shown or workitem.scheduled_procedure_step_start_date_time
        day, clock = shown[:8], shown[8:12]
        written = f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:]}".strip(" -:") or "-"
        return format_html('<span class="nowrap">{}</span>', written)

    @admin.display(description="subscribers", ordering="number_of_subscribers")
    def subscribers(self, workitem: Any) -> SafeString:
        return link_to_list(Subscription, str(workitem.number_of_subscribers), workitem=workitem.pk)

    @admin.display(description="deletion locks")
    def locks(self, workitem: Workitem) -> str:
        locked = workitem.subscriptions.filter(deletion_lock=True).order_by("subscriber__ae_title")
        return ", ".join(locked.values_list("subscriber__ae_title", flat=True)) or "-"

    @admin.display(description="events")
    def events(self, workitem: Workitem) -> SafeString:
        number = Event.objects.filter(sop_instance_uid=workitem.sop_instance_uid).count()
        return link_to_list(Event, str(number), sop_instance_uid=workitem.sop_instance_uid)

    @admin.display(description="studies")
    def studies(self, workitem: Workitem) -> SafeString | str:
        uids = workitem.indexed_values.filter(path__in=study_paths()).order_by("value").values_list("value", flat=True)
        study_list = reverse("admin:archive_study_changelist")
        return (
            format_html_join(
                SafeString("<br>"),
                '<a href="{}?q={}">{}</a> ({})',
                (
                    (study_list, uid, uid, link_to_list(Workitem, "all its steps", study=uid))
                    for uid in dict.fromkeys(uids)
                ),
            )
            or "-"
        )

    @admin.display(description="data set")
    def data_set(self, workitem: Workitem) -> SafeString:
        return table(orjson.loads(bytes(workitem.dicom_json)))

    def describe(self, workitem: Workitem) -> str:
        state, label, patient = workitem.procedure_step_state, workitem.procedure_step_label, workitem.patient_id
        return f"{label} ({state}), patient {patient or '-'}: {workitem}"

    # -- what can be done --------------------------------------------------------

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("workflow.cancel_workitem")

    def has_force_permission(self, request: HttpRequest) -> bool:
        """Apart from the permission to change rows, which nobody has here."""
        return request.user.has_perm("workflow.change_workitem")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        actions = [(name, action[2]) for name, action in self.get_actions(request).items() if action]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "object_actions": actions})

    @confirmed(
        "Request cancellation",
        "Scheduled steps will be canceled. Of those in progress, whoever is subscribed is asked to cancel them.",
        permissions=["cancel"],
        asks_for_reason=True,
    )
    def request_cancellation(self, request: HttpRequest, queryset: QuerySet[Workitem], reason: str) -> None:
        requesting_ae = next(iter(ae_titles_of(request.user)), settings.ARCHIVE_AE_TITLE)
        self._each(
            request,
            queryset,
            "asked for the cancellation",
            lambda uid: request_cancellation(uid, _details(reason), requesting_ae=requesting_ae),
        )

    @confirmed(
        "Cancel by force",
        "These steps will be canceled, those in progress too, whatever their performers are doing. Nobody can undo it.",
        permissions=["force"],
        asks_for_reason=True,
    )
    def force_cancel(self, request: HttpRequest, queryset: QuerySet[Workitem], reason: str) -> None:
        self._each(request, queryset, "canceled by force", lambda uid: force_cancel(uid, _details(reason)))

    def _each(self, request: HttpRequest, queryset: QuerySet[Workitem], what: str, do: Callable[[str], object]) -> None:
        done = 0
        for workitem in queryset:
            try:
                do(workitem.sop_instance_uid)
            except WorkflowError as error:
                self.message_user(request, f"{workitem}: {error}", messages.ERROR)
            else:
                done += 1
                self.log_change(request, workitem, what)
        if done:
            self.message_user(request, f"{done} workitems: {what}.", messages.SUCCESS)


def _named(term: str) -> Q:
    """Patients whose names have parts that begin with these words, in any order."""
    named = Q()
    for word in term.split()[:MOST_WORDS]:
        keys = IndexedValue.objects.filter(path=PATIENT_NAME, value__startswith=fold(word))
        named &= Q(pk__in=keys.values("workitem_id"))
    return named


def _details(reason: str) -> DataSet:
    return {REASON_FOR_CANCELLATION: element("LT", reason)} if reason else {}
