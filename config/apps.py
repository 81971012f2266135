"""Django's admin, with the archive's dashboard as its first page; and what the project as a whole connects."""

from django.contrib.admin import apps
from django.db.backends.signals import connection_created

from config.planning import tell_planner


class AdminConfig(apps.AdminConfig):
    default_site = "config.dashboard.site.ArchiveAdminSite"

    def ready(self) -> None:
        super().ready()
        connection_created.connect(tell_planner)
