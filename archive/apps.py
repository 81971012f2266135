from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Stored objects"

    def ready(self) -> None:
        """Other apps say what they know of studies, see `archive.study_steps`."""
        autodiscover_modules("study_steps")
