"""What admin pages have in common."""

from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

#: Rows of a list.
MOST_COUNTED = 10_000


def link_to_list(model: type[Model], text: str, **filters: Any) -> SafeString:
    """A link to the list of another model's rows, filtered."""
    options = model._meta
    url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(filters), text)


def count_of(rows: QuerySet[Any], owner: str) -> Coalesce:
    """How many of these rows each row of a list has, by a subquery: a join would group all the columns of the list.

    Args:
        owner: the field of the rows that refers to the row of the list.
    """
    own = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than anybody would page through: to count a hundred million rows takes a minute."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by()[:MOST_COUNTED].count()

    @property
    def more(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count == MOST_COUNTED


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is shown here is written by services alone, which keep it in agreement with all that depends on it."""

    show_full_result_count = False  # counting every row costs more than the page
    list_per_page = 50
    list_max_show_all = 0
    show_facets = admin.ShowFacets.NEVER  # for each choice of a filter it would count every row
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
