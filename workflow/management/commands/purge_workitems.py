"""`manage.py purge_workitems`: delete finished workitems whose time is over, and events that are kept no longer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from workflow.services import outbox
from workflow.services.purge import purge


class Command(BaseCommand):
    help = "Delete workitems that were completed or canceled long enough ago and have no deletion lock."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="delete nothing, and say what would be deleted")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        purged = purge(timezone.now(), dry_run=dry_run)
        locks = f"{purged.locked} more are kept by deletion locks"
        if dry_run:
            self.stdout.write(f"{purged.deleted} workitems would be deleted; {locks}.")
        else:
            self.stdout.write(f"Deleted {purged.deleted} workitems; {locks}. Dropped {outbox.prune()} events.")
