"""`manage.py import_dicom PATH...`: folders, zip archives, DICOMDIRs and files into the archive."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from archive.services.import_files import Report, Source, Verdict, find, import_sources


class Command(BaseCommand):
    help = "Import DICOM files: folders (with all below), zip archives, DICOMDIRs. Safe to interrupt and to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--threads", type=int, default=4, help="files read and parsed at once (default: 4)")
        parser.add_argument("--csv", type=Path, help="write what became of each file to this CSV file")
        parser.add_argument("--no-progress", action="store_true", help="no progress bar")

    def handle(self, *args: Any, paths: list[Path], threads: int, no_progress: bool, **options: Any) -> None:
        if missing := [str(path) for path in paths if not path.exists()]:
            raise CommandError(f"There is no {', '.join(missing)}.")
        sources = list(find(paths))
        counts: Counter[Verdict] = Counter()
        size = sum(source.size for source in sources)
        progress = tqdm(total=size, unit="B", unit_scale=True, disable=no_progress or None)
        with progress as bar, _notes(options["csv"]) as note:
            try:
                for report in import_sources(sources, threads=threads):
                    counts[report.verdict] += 1
                    note(report)
                    bar.update(report.source.size)
                    bar.set_postfix_str(f"{counts.total()} of {len(sources)} files", refresh=False)
                    if report.explanation:
                        with tqdm.external_write_mode():
                            self.stdout.write(f"{report.verdict} {report.source}: {report.explanation}")
            except KeyboardInterrupt:
                raise CommandError("Interrupted. Run the same command again to go on.") from None
            finally:
                bar.close()
                self._sum_up(counts, sources)

    def _sum_up(self, counts: Counter[Verdict], sources: list[Source]) -> None:
        done = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
        self.stdout.write(f"{len(sources)} files: {done}.")


@contextmanager
def _notes(path: Path | None) -> Iterator[Callable[[Report], object]]:
    """Something that writes each report to a CSV file, or forgets it where there is none."""
    if path is None:
        yield lambda report: None
        return
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "result", "reason", "sop_instance_uid"])
        yield lambda report: writer.writerow(
            [report.source, report.verdict, report.explanation, report.sop_instance_uid]
        )
