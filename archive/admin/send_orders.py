"""Orders to send studies in the admin: how far they are, stopped or tried again."""

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from archive.admin_pages import ReadOnlyAdmin
from archive.models import SendOrder
from archive.selectors.send_orders import MANAGE
from archive.services import send_orders


@admin.register(SendOrder)
class SendOrderAdmin(ReadOnlyAdmin):
    list_display = ("ordered_at", "destination", "user", "deidentified", "state", "total", "sent", "failed", "problem")
    list_filter = ("state", "destination", "deidentified", "ordered_at")
    list_select_related = ("destination", "user")
    ordering = ("-id",)
    actions = ("retry", "cancel")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(MANAGE)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE)

    def view_on_site(self, order: SendOrder) -> str:
        return reverse("archive:send_order", args=[order.pk])

    @admin.action(description="Try again what could not be sent", permissions=["manage"])
    def retry(self, request: HttpRequest, queryset: QuerySet[SendOrder]) -> None:
        self.message_user(request, f"{send_orders.retry(queryset)} are tried again.", messages.SUCCESS)

    @admin.action(description="Cancel", permissions=["manage"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[SendOrder]) -> None:
        self.message_user(request, f"{send_orders.cancel(queryset)} are canceled.", messages.SUCCESS)
