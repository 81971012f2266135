"""`manage.py export_dicom FOLDER STUDY...`: stored studies back to files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from archive.audit import trail
from archive.audit.events import Action
from archive.errors import ArchiveError
from archive.models import Instance, Study
from archive.selectors.export import export_studies


class Command(BaseCommand):
    help = "Export studies to a folder, byte for byte as they were received. Safe to interrupt and to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("studies", nargs="*", metavar="STUDY_INSTANCE_UID")
        parser.add_argument("--all", action="store_true", help="every study of the archive")
        parser.add_argument("--no-progress", action="store_true", help="no progress bar")

    def handle(self, *args: Any, folder: Path, studies: list[str], no_progress: bool, **options: Any) -> None:
        if options["all"] == bool(studies):
            raise CommandError("Name the studies to export, or say --all.")
        chosen = Study.objects.filter(study_instance_uid__in=studies) if studies else Study.objects.order_by("id")
        uids = studies or list(chosen.values_list("study_instance_uid", flat=True))
        written = found = 0
        total = Instance.objects.filter(series__study__in=chosen).count()
        try:
            with tqdm(total=total, unit="files", disable=no_progress or None) as bar:
                for stored, missing in export_studies(uids, folder):
                    trail.note(Action.EXPORTED, stored.study)
                    found += 1
                    written += missing
                    bar.update()
        except (ArchiveError, OSError) as error:
            raise CommandError(f"{error} {found} instances were exported before.") from error
        there = found - written
        self.stdout.write(f"{len(uids)} studies, {found} instances: {written} written, {there} there already.")
