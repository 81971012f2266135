"""Users and groups in the admin: who they are, what they may do, and which AE titles they act under."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from archive.admin_pages import link_to_list

User = get_user_model()

admin.site.unregister(User)
admin.site.unregister(Group)


def _ae_titles(owner: Any) -> SafeString | str:
    links = (
        (reverse("admin:workflow_applicationentity_change", args=[entity.pk]), entity)
        for entity in owner.application_entities.all()
    )
    return format_html_join(", ", '<a href="{}">{}</a>', links) or "-"


@admin.register(User)
class UserAdmin(auth.UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "full_name", "in_groups", "ae_titles", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = ("last_login", "date_joined", "ae_titles")
    list_per_page = 50

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, ("Worklist", {"fields": ["ae_titles"]})] if obj else fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.prefetch_related("groups", "application_entities")

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: Any) -> str:
        return str(user.get_full_name())

    @admin.display(description="groups")
    def in_groups(self, user: Any) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "-"

    @admin.display(description="AE titles")
    def ae_titles(self, user: Any) -> SafeString | str:
        return _ae_titles(user)


@admin.register(Group)
class GroupAdmin(auth.GroupAdmin):
    list_display = ("name", "members", "ae_titles")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        found: QuerySet[Group] = super().get_queryset(request)
        return found.prefetch_related("application_entities", "user_set")

    @admin.display(description="members")
    def members(self, group: Group) -> SafeString:
        return link_to_list(User, str(len(group.user_set.all())), groups__id__exact=group.pk)

    @admin.display(description="AE titles")
    def ae_titles(self, group: Group) -> SafeString | str:
        return _ae_titles(group)
