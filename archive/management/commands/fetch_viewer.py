"""`manage.py fetch_viewer`: the viewer's files, from npm into `ARCHIVE_VIEWER_DIR`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from archive.errors import UnknownViewer, ViewerNotFetched
from archive.viewer.install import install


class Command(BaseCommand):
    help = "Fetch the viewer from npm and make it ready to be served. Does nothing where that has been done already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--package", type=Path, metavar="FOLDER", help="take it from here, the unpacked npm package @ohif/app"
        )

    def handle(self, *args: Any, package: Path | None, **options: Any) -> None:
        try:
            viewer, new = install(settings.ARCHIVE_VIEWER_DIR, package)
        except (UnknownViewer, ViewerNotFetched, OSError) as error:
            raise CommandError(f"The viewer is not installed: {error}") from error
        if new:
            self.stdout.write(f"The viewer has been installed: {viewer.folder.name}.")
