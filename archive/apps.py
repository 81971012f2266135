from importlib import import_module

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Stored objects"

    def ready(self) -> None:
        """What listens to models can be imported once there are some."""
        import_module("archive.audit.signals").connect()
