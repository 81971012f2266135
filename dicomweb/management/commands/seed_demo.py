"""`manage.py seed_demo`: synthetic studies and a worklist, for who wants to see a living archive."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from archive.dicom.demo.catalogue import catalogue, names
from archive.dicom.demo.small_studies import SmallStudy, small_studies
from archive.errors import ArchiveError
from archive.services import demo
from archive.services.outcomes import Outcome, Refused, Stored
from workflow.errors import WorkflowError
from workflow.services import demo as worklist

#: So many small studies are stored together.
TOGETHER = 100


class Command(BaseCommand):
    help = "Fill the archive with synthetic studies and a worklist. Safe to interrupt and to repeat."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._said: set[str] = set()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="+", choices=names(), metavar="STUDY", help=f"of {', '.join(names())}")
        parser.add_argument(
            "--scale", type=int, default=0, metavar="N", help="and so many small studies, for long lists"
        )
        parser.add_argument(
            "--coarse", type=int, default=1, choices=(1, 2, 4, 8, 16), help="images with so many times fewer rows"
        )
        parser.add_argument("--discard", action="store_true", help="remove the demo, and what was added to its studies")
        parser.add_argument("--no-progress", action="store_true", help="no progress bar")

    def handle(self, *args: Any, discard: bool, **options: Any) -> None:
        try:
            if discard:
                self._discard(**options)
            else:
                self._seed(**options)
        except (ArchiveError, WorkflowError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Run the same command again to go on.") from None

    def _seed(self, *, only: list[str] | None, scale: int, coarse: int, no_progress: bool, **_: Any) -> None:
        if only is None:
            worklist.prepare()
        today = timezone.localdate()
        wanted = [one for one in catalogue(today, coarseness=coarse) if only is None or one.name in only]
        there = demo.known([one.study.uid for one in wanted])
        missing = [one for one in wanted if one.study.uid not in there]
        new = 0
        for one in tqdm(missing, unit="studies", disable=no_progress or None):
            new += self._stored(demo.store(one.files())) > 0
        small = self._seed_small(scale, today, no_progress)
        created = worklist.seed(coarseness=coarse) if only is None else 0
        self.stdout.write(f"New: {new} studies, {small} small studies, {created} workitems.")

    def _seed_small(self, number: int, today: date, no_progress: bool) -> int:
        new = 0
        with tqdm(total=number, unit="small studies", disable=no_progress or not number or None) as bar:
            for batch in _batches(small_studies(number, today)):
                there = demo.known([study.uid for study in batch])
                missing = [study for study in batch if study.uid not in there]
                new += self._stored(demo.store(study.file() for study in missing))
                bar.update(len(batch))
        return new

    def _stored(self, outcomes: list[Outcome]) -> int:
        """How many instances are new. What an archive that is set up otherwise does not take, it says once."""
        for explanation in {one.explanation for one in outcomes if isinstance(one, Refused)} - self._said:
            self._said.add(explanation)
            self.stderr.write(f"Refused: {explanation}")
        return sum(1 for one in outcomes if isinstance(one, Stored) and one.created)

    def _discard(self, *, no_progress: bool, **_: Any) -> None:
        workitems = worklist.discard()
        gone = sum(1 for _ in tqdm(demo.discard(), unit="studies", disable=no_progress or None))
        self.stdout.write(f"Removed: {gone} studies, {workitems} workitems.")


def _batches(studies: Iterator[SmallStudy]) -> Iterator[list[SmallStudy]]:
    while batch := list(islice(studies, TOGETHER)):
        yield batch
