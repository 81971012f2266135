"""The action that reads stored objects anew."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from archive.admin_pages import ReadOnlyAdmin
from archive.errors import CannotReindex
from archive.models import Instance
from archive.services.reindex import reindex

#: So many objects are read while somebody waits; for more there is `manage.py reindex`.
MOST = 1000
#: So many of those that could not be read are named.
NAMED = 10


class Indexing(ReadOnlyAdmin):
    #: How an instance names the row that it belongs to.
    of_instance: ClassVar[str]

    def has_index_permission(self, request: HttpRequest) -> bool:
        """Apart from the permission to change rows, which nobody has here."""
        return request.user.has_perm("archive.change_instance")

    @admin.action(description="Index again, from the stored objects", permissions=["index"])
    def index_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        selected = Instance.objects.filter(**{f"{self.of_instance}__in": queryset.order_by().values("pk")})
        pks = list(selected.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if len(pks) > MOST:
            explanation = f"These are more than {MOST} instances. Use manage.py reindex."
            self.message_user(request, explanation, messages.ERROR)
            return
        problems = []
        for pk in pks:
            try:
                reindex(pk)
            except CannotReindex as error:
                problems.append(str(error))
        for problem in problems[:NAMED]:
            self.message_user(request, problem, messages.ERROR)
        self.message_user(request, f"{len(pks) - len(problems)} instances were indexed again.", messages.SUCCESS)
