"""`manage.py build_derived`: thumbnails and native frames of all that is stored, made in this process."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from archive.derivation import Outcome, derive
from archive.models import DerivedBlob
from archive.services import derivations, derived
from archive.services.derivations import State
from archive.storage import StorageError


class Command(BaseCommand):
    help = "Derive thumbnails and native frames where they are missing. Safe to interrupt and to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", metavar="UID", help="from the instances of this study only")
        parser.add_argument("--retry-failed", action="store_true", help="also where it has failed before")
        parser.add_argument("--discard", action="store_true", help="remove first what has been derived")

    def handle(self, *args: Any, study: str | None, retry_failed: bool, discard: bool, **options: Any) -> None:
        if not settings.ARCHIVE_DERIVED_SIZE:
            raise CommandError("Nothing is derived: ARCHIVE_DERIVED_SIZE is 0.")
        if discard:
            blobs = DerivedBlob.objects.all()
            if study is not None:
                blobs = blobs.filter(instance__series__study__study_instance_uid=study)
            self.stdout.write(f"{derived.discard(blobs)} discarded.")
        self._look_for_lost()
        derivations.wait_for_missing(study, again=[State.FAILED] * retry_failed + [State.DONE] * discard)
        outcomes: Counter[Outcome] = Counter()
        with tqdm(total=derivations.count_waiting(study), unit="instance", disable=None) as bar:
            try:
                for pk in derivations.all_waiting(study):
                    outcomes[derive(pk)] += 1
                    bar.update()
            except KeyboardInterrupt:
                raise CommandError("Interrupted. Run the same command again to go on.") from None
            finally:
                bar.close()
                self.stdout.write(", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome) + ".")
        if outcomes[Outcome.FAILED] or outcomes[Outcome.PUT_OFF]:
            raise CommandError("Some have failed: the admin says why, under Derivations.")

    def _look_for_lost(self) -> None:
        try:
            lost = derived.discard_lost()
        except StorageError as error:
            raise CommandError(f"Derived data cannot be listed: {error}") from error
        if lost:
            self.stdout.write(f"{lost} were lost.")
