"""AEs in the admin: whose they are, what they are subscribed to, and what they are told."""

from typing import Any

import orjson
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin_pages import ReadOnlyAdmin, count_of, link_to_list
from archive.dicom.ae_titles import ae_title
from workflow.admin.confirmed import confirmed
from workflow.admin.data_sets import table
from workflow.errors import NotSubscribed, WorkflowError
from workflow.event_reports import EventType
from workflow.models import ApplicationEntity, Event, GlobalSubscription, Subscription, Workitem
from workflow.services.strip_locks import strip_all_locks, strip_locks
from workflow.services.suspend import suspend
from workflow.services.unsubscribe import unsubscribe, unsubscribe_globally

STRIPPED = (
    "The workitems may then be purged when their time is over. The AEs stay subscribed, and are not told of this."
)


# -- application entities --------------------------------------------------------


class ApplicationEntityForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_ae_title(self) -> str:
        title = ae_title(self.cleaned_data["ae_title"])
        if title is None:
            raise ValidationError("An AE title has 1 to 16 characters of ASCII, and no backslash.")
        return title


@admin.register(ApplicationEntity)
class ApplicationEntityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ApplicationEntityForm
    list_display = ("ae_title", "description", "standing", "subscriptions", "pending")
    search_fields = ("ae_title", "description")
    search_help_text = "AE title or description"
    ordering = ("ae_title",)
    filter_horizontal = ("users", "groups")
    fields = ("ae_title", "description", "users", "groups", "standing", "subscriptions", "pending", "last_sequence")

    def get_readonly_fields(self, request: HttpRequest, obj: ApplicationEntity | None = None) -> tuple[str, ...]:
        """What it is called, others rely on."""
        counts = ("standing", "subscriptions", "pending", "last_sequence")
        return ("ae_title", *counts) if obj else counts

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApplicationEntity]:
        found: QuerySet[ApplicationEntity] = super().get_queryset(request)
        return found.prefetch_related("global_subscriptions").annotate(
            number_of_subscriptions=count_of(Subscription.objects.all(), "subscriber"),
            number_pending=count_of(_pending(), "subscriber"),
        )

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Its events and subscriptions go too; they may be too many to be listed."""
        count = len(objs)
        return [f"{subscriber} with its subscriptions and events" for subscriber in objs], {"AEs": count}, set(), []

    @admin.display(description="subscribed to")
    def standing(self, subscriber: ApplicationEntity) -> SafeString | str:
        kinds = [subscription.get_kind_display() for subscription in subscriber.global_subscriptions.all()]
        return link_to_list(GlobalSubscription, ", ".join(kinds), subscriber=subscriber.pk) if kinds else "-"

    @admin.display(description="workitems", ordering="number_of_subscriptions")
    def subscriptions(self, subscriber: Any) -> SafeString:
        return link_to_list(Subscription, str(subscriber.number_of_subscriptions), subscriber=subscriber.pk)

    @admin.display(description="events not sent yet", ordering="number_pending")
    def pending(self, subscriber: Any) -> SafeString:
        return link_to_list(Event, str(subscriber.number_pending), subscriber=subscriber.pk, sent="no")


def _pending() -> QuerySet[Event]:
    return Event.objects.filter(sequence__gt=F("subscriber__delivered_sequence"))


# -- subscriptions ---------------------------------------------------------------


class SubscriptionPages(ReadOnlyAdmin):
    """Nobody subscribes in somebody's name here; what is in the way can be taken away."""

    def has_strip_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"workflow.change_{self.opts.model_name}")

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"workflow.delete_{self.opts.model_name}")


@admin.register(Subscription)
class SubscriptionAdmin(SubscriptionPages):
    list_display = ("subscriber", "workitem_link", "state", "deletion_lock", "created_at")
    list_filter = ("deletion_lock", "workitem__procedure_step_state", "subscriber")
    list_select_related = ("subscriber", "workitem")
    search_fields = ("=subscriber__ae_title", "=workitem__sop_instance_uid")
    search_help_text = "AE title or workitem UID"
    ordering = ("-id",)
    actions = ("strip_the_lock", "unsubscribe")

    def describe(self, subscription: Subscription) -> str:
        return f"{subscription.subscriber} to {subscription.workitem}"

    @admin.display(description="workitem")
    def workitem_link(self, subscription: Subscription) -> SafeString:
        url = reverse("admin:workflow_workitem_change", args=[subscription.workitem_id])
        return format_html('<a href="{}">{}</a>', url, subscription.workitem)

    @admin.display(description="state")
    def state(self, subscription: Subscription) -> str:
        return subscription.workitem.procedure_step_state

    @confirmed("Take away the deletion locks", STRIPPED, permissions=["strip"])
    def strip_the_lock(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        taken = strip_locks(list(queryset.values_list("pk", flat=True)))
        self.message_user(request, f"{taken} deletion locks have been taken away.", messages.SUCCESS)

    @confirmed(
        "Unsubscribe", "These AEs will not be told any more of what happens to these workitems.", permissions=["end"]
    )
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        for subscription in queryset.select_related("subscriber", "workitem"):
            try:
                unsubscribe(subscription.workitem.sop_instance_uid, subscription.subscriber.ae_title)
            except WorkflowError as error:  # somebody else was faster
                self.message_user(request, str(error), messages.WARNING)
        self.message_user(request, "They are not subscribed any more.", messages.SUCCESS)


@admin.register(GlobalSubscription)
class GlobalSubscriptionAdmin(SubscriptionPages):
    list_display = ("subscriber", "kind", "keys", "deletion_lock", "workitems", "created_at")
    list_filter = ("kind", "deletion_lock", "subscriber")
    list_select_related = ("subscriber",)
    search_fields = ("=subscriber__ae_title",)
    search_help_text = "AE title"
    ordering = ("subscriber__ae_title", "kind")
    fields = ("subscriber", "kind", "keys", "deletion_lock", "workitems", "created_at")
    actions = ("strip_the_locks", "suspend", "unsubscribe_from_all")

    @admin.display(description="filter")
    def keys(self, subscription: GlobalSubscription) -> str:
        return ", ".join(f"{key}={','.join(values)}" for key, values in subscription.filter.items()) or "-"

    @admin.display(description="workitems")
    def workitems(self, subscription: GlobalSubscription) -> SafeString:
        return link_to_list(Subscription, "its subscriptions", subscriber=subscription.subscriber_id)

    @confirmed("Take away all deletion locks of these AEs", STRIPPED, permissions=["strip"])
    def strip_the_locks(self, request: HttpRequest, queryset: QuerySet[GlobalSubscription]) -> None:
        taken = strip_all_locks(set(queryset.values_list("subscriber", flat=True)))
        self.message_user(request, f"{taken} deletion locks have been taken away.", messages.SUCCESS)

    @confirmed(
        "Suspend",
        "These AEs will not be subscribed to new workitems. They stay subscribed to those that there are.",
        permissions=["end"],
    )
    def suspend(self, request: HttpRequest, queryset: QuerySet[GlobalSubscription]) -> None:
        for subscription in queryset.select_related("subscriber"):
            self._end(request, subscription, lambda ended: suspend(ended.kind, ended.subscriber.ae_title))

    @confirmed(
        "Unsubscribe from everything",
        "These AEs will not be told of anything any more, and lose all their deletion locks.",
        permissions=["end"],
    )
    def unsubscribe_from_all(self, request: HttpRequest, queryset: QuerySet[GlobalSubscription]) -> None:
        for subscription in queryset.select_related("subscriber"):
            self._end(request, subscription, lambda ended: unsubscribe_globally(ended.subscriber.ae_title))

    def _end(self, request: HttpRequest, subscription: GlobalSubscription, end: Any) -> None:
        try:
            end(subscription)
            self.message_user(request, f"{subscription}: ended.", messages.SUCCESS)
        except NotSubscribed as error:  # with the other kind of the same AE, or by itself
            self.message_user(request, str(error), messages.WARNING)


# -- events ----------------------------------------------------------------------


class SentFilter(admin.SimpleListFilter):
    title = "sent"
    parameter_name = "sent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "Not yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        match self.value():
            case "yes":
                return queryset.filter(sequence__lte=F("subscriber__delivered_sequence"))
            case "no":
                return queryset.filter(sequence__gt=F("subscriber__delivered_sequence"))
        return queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "subscriber", "sequence", "type", "sent", "delivered_at", "workitem_link")
    list_filter = (SentFilter, "type", "created_at", "subscriber")
    list_select_related = ("subscriber",)
    search_fields = ("=subscriber__ae_title", "=sop_instance_uid")
    search_help_text = "AE title or workitem UID"
    ordering = ("-id",)
    fields = ("subscriber", "sequence", "type", "workitem_link", "created_at", "sent", "delivered_at", "report")

    @admin.display(description="workitem", ordering="sop_instance_uid")
    def workitem_link(self, event: Event) -> SafeString:
        if event.type == EventType.SCP_STATUS_CHANGE:
            return SafeString("-")
        return link_to_list(Workitem, event.sop_instance_uid, q=event.sop_instance_uid)

    @admin.display(description="sent", boolean=True)
    def sent(self, event: Event) -> bool:
        return event.sequence <= event.subscriber.delivered_sequence

    @admin.display(description="report")
    def report(self, event: Event) -> SafeString:
        return table(orjson.loads(bytes(event.dicom_json)))
