"""Background tasks that have failed, in the admin: which, how often, and once more."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from archive import task_messages
from archive.admin_pages import ReadOnlyAdmin
from archive.models import FailedTask


@admin.register(FailedTask)
class FailedTaskAdmin(ReadOnlyAdmin):
    list_display = ("failed_at", "task", "arguments", "times", "error")
    list_display_links = ("task",)
    list_filter = ("failed_at",)
    search_fields = ("task",)
    search_help_text = "A part of the task's name"
    ordering = ("-failed_at",)
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("archive.change_failedtask")

    @admin.action(description="Try again", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[FailedTask]) -> None:
        try:
            number = task_messages.retry(queryset)
        except task_messages.BrokerAway as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{number} are tried again. What succeeds leaves this list.", messages.SUCCESS)
