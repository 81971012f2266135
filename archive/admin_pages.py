"""What admin pages have in common."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def link_to_list(model: type[Model], text: str, **filters: Any) -> SafeString:
    """A link to the list of another model's rows, filtered."""
    options = model._meta
    url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(filters), text)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is shown here is written by services alone, which keep it in agreement with all that depends on it."""

    show_full_result_count = False  # counting every row costs more than the page
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
