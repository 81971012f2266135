"""What is derived from instances, in the admin: what waits, why something failed, what there is and how large it is."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.admin_pages import ReadOnlyAdmin
from archive.models import Derivation, DerivedBlob, DerivedTotal
from archive.services import derivations, derived


class OfInstances(ReadOnlyAdmin):
    """Rows that belong to an instance each."""

    search_fields = ("=instance__sop_instance_uid", "=instance__series__study__study_instance_uid")
    search_help_text = "SOP Instance or study UID"
    list_select_related = ("instance",)

    @admin.display(description="instance", ordering="instance")
    def instance_link(self, row: Any) -> SafeString:
        url = reverse("admin:archive_instance_change", args=[row.instance_id])
        return format_html('<a href="{}">{}</a>', url, row.instance)


@admin.register(Derivation)
class DerivationAdmin(OfInstances):
    list_display = ("pk", "instance_link", "state", "attempts", "error", "due_at")
    list_filter = ("state",)
    ordering = ("-instance",)
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("archive.change_derivation")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Each by its own index: nearly all rows are those that are done.
        states = (Derivation.State.WAITING, Derivation.State.FAILED)
        title = ", ".join(f"{Derivation.objects.filter(state=state).count()} {state}" for state in states)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.action(description="Try again what has failed", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Derivation]) -> None:
        number = derivations.retry(queryset)
        self.message_user(request, f"{number} are tried again.", messages.SUCCESS)


@admin.register(DerivedBlob)
class DerivedBlobAdmin(OfInstances):
    list_display = ("pk", "instance_link", "kind", "readable_size", "version", "created_at", "used_at")
    list_filter = ("kind", "version", "created_at")
    ordering = ("-id",)
    actions = ("discard",)

    def has_discard_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("archive.delete_derivedblob")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        total = DerivedTotal.objects.values_list("size", flat=True).first() or 0
        title = f"{filesizeformat(total)} of {filesizeformat(settings.ARCHIVE_DERIVED_SIZE)}"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description="size", ordering="size")
    def readable_size(self, blob: DerivedBlob) -> str:
        return filesizeformat(blob.size)

    @admin.action(description="Discard, and derive again", permissions=["discard"])
    def discard(self, request: HttpRequest, queryset: QuerySet[DerivedBlob]) -> None:
        number = derived.discard(queryset)
        self.message_user(request, f"{number} are derived again.", messages.SUCCESS)
