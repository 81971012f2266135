"""Import folders, files and zip archives: the same store service as STOW-RS, many files at once.

Safe to interrupt and to repeat: what is stored already is recognised by its bytes and counted as such.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import IO

from django.db import connection

from archive.dicom.errors import MalformedDicom
from archive.dicom.reading.dicomdir import is_dicomdir, referenced_files
from archive.services.outcomes import Outcome, Stored
from archive.services.spool import InstanceTooLarge, Spool
from archive.services.store import StoreBatch, StoreFailed
from archive.storage import StorageError

#: Files made visible by one transaction.
BATCH = 25
CHUNK = 1 << 20
ZIP_SIGNATURE = b"PK\x03\x04"
#: What `zipfile` lets through of an entry that is damaged, encrypted, or of a method it does not know.
UNREADABLE_ENTRY = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    NotImplementedError,
)


class Verdict(StrEnum):
    STORED = "stored"
    ALREADY_THERE = "already there"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to import, or one entry of a zip archive."""

    path: Path
    entry: str | None = None
    size: int = 0

    def __str__(self) -> str:
        return f"{self.path}!{self.entry}" if self.entry else str(self.path)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one source."""

    source: Source
    verdict: Verdict
    explanation: str = ""
    sop_instance_uid: str = ""


def find(paths: Iterable[Path]) -> Iterator[Source]:
    """Every file under the paths in the order of names: zip archives entry by entry, a DICOMDIR as the files it lists.

    The DICOMDIR of a folder adds nothing to the files found there anyway.
    """
    for path in paths:
        if path.is_dir():
            yield from find(entry for entry in sorted(path.iterdir()) if not is_dicomdir(entry))
        elif is_dicomdir(path):
            yield from _listed(path)
        elif path.is_file():
            yield from _entries(path) if _is_zip(path) else [Source(path, size=path.stat().st_size)]


def _listed(dicomdir: Path) -> Iterator[Source]:
    try:
        yield from (Source(path, size=path.stat().st_size) for path in referenced_files(dicomdir))
    except MalformedDicom:
        yield Source(dicomdir, size=dicomdir.stat().st_size)  # it will be refused, with the reason


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == ZIP_SIGNATURE


def _entries(path: Path) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile:
        yield Source(path, size=path.stat().st_size)  # it will be refused as not being DICOM
        return
    for info in infos:
        yield Source(path, info.filename, info.file_size)


def import_sources(sources: Iterable[Source], *, threads: int) -> Iterator[Report]:
    """Store the sources; reports come as batches are done, not in order."""
    batches = _batched(sources)
    with ThreadPoolExecutor(threads, thread_name_prefix="import") as pool:
        running: set[Future[list[Report]]] = {
            pool.submit(_import_batch, batch) for batch in islice(batches, threads * 2)
        }
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {pool.submit(_import_batch, batch) for batch in islice(batches, len(done))}
                for future in done:
                    yield from future.result()
        finally:
            for future in running:
                future.cancel()


def _batched(sources: Iterable[Source]) -> Iterator[list[Source]]:
    iterator = iter(sources)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _import_batch(sources: list[Source]) -> list[Report]:
    batch = StoreBatch()
    with ExitStack() as opened:
        archives: dict[Path, zipfile.ZipFile] = {}
        unread = [_offer(batch, source, archives, opened) for source in sources]
    try:
        outcomes = iter(batch.finish())
    except StoreFailed as error:
        failed = str(error)
        return [
            report or Report(source, Verdict.REFUSED, failed) for source, report in zip(sources, unread, strict=True)
        ]
    finally:
        connection.close()
    return [report or _report(source, next(outcomes)) for source, report in zip(sources, unread, strict=True)]


def _offer(
    batch: StoreBatch, source: Source, archives: dict[Path, zipfile.ZipFile], opened: ExitStack
) -> Report | None:
    """Give the batch the source's bytes; a report when they cannot be had."""
    spool = Spool()
    try:
        with _open(source, archives, opened) as file:
            while data := file.read(CHUNK):
                spool.write(data)
    except (InstanceTooLarge, StorageError) as error:
        explanation = str(error)
    except OSError as error:
        explanation = f"The file cannot be read ({error.strerror or type(error).__name__})."
    except UNREADABLE_ENTRY:
        explanation = "The entry cannot be read from its zip archive (damaged, encrypted, or of an unknown method)."
    else:
        batch.add(spool)
        return None
    spool.close()
    return Report(source, Verdict.REFUSED, explanation)


def _open(source: Source, archives: dict[Path, zipfile.ZipFile], opened: ExitStack) -> IO[bytes]:
    if source.entry is None:
        return source.path.open("rb")
    if source.path not in archives:
        archives[source.path] = opened.enter_context(zipfile.ZipFile(source.path))
    return archives[source.path].open(source.entry)


def _report(source: Source, outcome: Outcome) -> Report:
    instance = outcome.identity.instance
    if isinstance(outcome, Stored):
        verdict = Verdict.STORED if outcome.created else Verdict.ALREADY_THERE
        return Report(source, verdict, _explained(outcome.explanation, outcome.warning), instance)
    return Report(source, Verdict.REFUSED, _explained(outcome.explanation, outcome.reason), instance)


def _explained(explanation: str, code: int | None) -> str:
    return f"{explanation} (0x{code:04X})" if code else ""
