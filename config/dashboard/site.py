"""The admin with the dashboard: on its first page, and by itself at `/admin/dashboard/`."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path

from config.dashboard.figures import dashboard

#: What somebody may see who sees how much there is of it.
PERMISSION = "archive.view_instance"


class ArchiveAdminSite(AdminSite):
    site_title = site_header = "Archive"
    index_title = "Administration"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("dashboard/", self.admin_view(self.dashboard), name="dashboard"), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        figures = {"dashboard": dashboard()} if request.user.has_perm(PERMISSION) else {}
        return super().index(request, {**figures, **(extra_context or {})})

    def dashboard(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        context = {**self.each_context(request), "title": "Dashboard", "dashboard": dashboard()}
        return TemplateResponse(request, "admin/dashboard.html", context)
