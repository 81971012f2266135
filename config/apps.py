"""Django's admin, with the archive's dashboard as its first page."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    default_site = "config.dashboard.site.ArchiveAdminSite"
