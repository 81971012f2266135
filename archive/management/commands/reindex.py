"""`manage.py reindex`: rows and metadata rebuilt from the stored bytes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from archive.errors import CannotReindex
from archive.models import Instance
from archive.services.reindex import reindex

#: Primary keys that are read together.
BATCH = 1000


class Command(BaseCommand):
    help = "Read stored objects anew, and rebuild what is searched and shown of them. Safe to interrupt and to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--study", metavar="UID", help="the instances of this study")
        chosen.add_argument("--all", action="store_true", help="every instance of the archive")
        parser.add_argument("--after", type=int, default=0, metavar="KEY", help="go on after this primary key")

    def handle(self, *args: Any, study: str | None, after: int, **options: Any) -> None:
        instances = Instance.objects.order_by("pk")
        if study is not None:
            instances = instances.filter(series__study__study_instance_uid=study)
        failed = number = 0
        last = after
        with tqdm(total=instances.filter(pk__gt=after).count(), unit="instance", disable=None) as bar:
            try:
                while batch := list(instances.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
                    for last in batch:
                        failed += not self._reindexed(last)
                        number += 1
                        bar.update()
            except KeyboardInterrupt:
                raise CommandError(f"Interrupted. Go on with --after {last - 1}.") from None
        self.stdout.write(f"{number - failed} indexed again, {failed} not.")
        if failed:
            raise CommandError("Some could not be read.")

    def _reindexed(self, pk: int) -> bool:
        try:
            reindex(pk)
        except CannotReindex as error:
            self.stderr.write(str(error))
            return False
        return True
