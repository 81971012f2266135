"""Share links in the admin: which there are, who has made them, how often they were used; and an end to them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from archive.admin_pages import ReadOnlyAdmin
from archive.models import ShareLink
from archive.services.share_links import revoke


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    list_display = (
        *("made_at", "made_by", "study", "note", "may_download", "expires_at", "revoked_at", "uses", "used_at"),
    )
    list_filter = ("expires_at", "revoked_at", "may_download")
    list_select_related = ("study", "made_by")
    readonly_fields = ("uses", "used_at", "revoked_at")
    search_fields = ("study__study_instance_uid__exact", "made_by__username__exact")
    search_help_text = "Study Instance UID or username, whole"
    ordering = ("-made_at", "-id")
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("archive.change_sharelink")

    @admin.action(description="Revoke selected links", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ShareLink]) -> None:
        for link in queryset:
            revoke(link)
        self.message_user(request, "Nobody can open the selected links any more.", messages.SUCCESS)
