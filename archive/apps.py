from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Stored objects"

    def ready(self) -> None:
        """What listens to models can be imported once there are some; other apps say what they know of studies.

        See `archive.study_steps`.
        """
        import_module("archive.audit.signals").connect()
        autodiscover_modules("study_steps")
