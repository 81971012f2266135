"""Receipts of uploads: who has sent what, and what became of it."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from archive.admin_pages import ReadOnlyAdmin, link_to_list
from archive.models import UploadedFile, UploadReceipt


@admin.register(UploadReceipt)
class UploadReceiptAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "user", "finished_at", "files")
    list_filter = ("user",)
    list_select_related = ("user",)
    date_hierarchy = "started_at"
    ordering = ("-started_at",)
    readonly_fields = ("files",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[UploadReceipt]:
        receipts: QuerySet[UploadReceipt] = super().get_queryset(request)
        return receipts.annotate(number=Count("files"))

    @admin.display(description="files", ordering="number")
    def files(self, receipt: UploadReceipt) -> SafeString:
        return link_to_list(UploadedFile, str(receipt.number), receipt=receipt.pk)  # type: ignore[attr-defined]


@admin.register(UploadedFile)
class UploadedFileAdmin(ReadOnlyAdmin):
    list_display = ("path", "size", "result", "reason", "study_instance_uid")
    list_filter = ("result",)
    list_select_related: ClassVar = ("receipt",)
    search_fields = ("=study_instance_uid", "=sop_instance_uid")
    ordering = ("-id",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "receipt" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]
