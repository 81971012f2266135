"""Receipts of uploads: begun, filled as the browser reports what became of files, and removed after their time."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from archive.errors import TooManyFiles
from archive.models import Instance, UploadedFile, UploadReceipt
from archive.transactions import write
from archive.upload_reports import FileResult, Report

#: Of one upload.
MOST_FILES = 100_000

Result = UploadedFile.Result

NOT_THERE = "The archive does not have it."


def begin(user: Any) -> UploadReceipt:
    return UploadReceipt.objects.create(user=user)


def add(receipt: UploadReceipt, report: Report) -> None:
    """Write down what became of files. What is said later of the same path takes the place of what was said before.

    What is said to be stored is looked for: the receipt says no more than what is true.

    Raises:
        TooManyFiles: it would have more than `MOST_FILES`.
    """
    write(partial(_add, receipt, report))


def _add(receipt: UploadReceipt, report: Report) -> None:
    files = {file.path: file for file in report.files}
    before = dict(receipt.files.filter(path__in=files).values_list("path", "result"))
    if receipt.files.count() + len(files) - len(before) > MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    studies = _studies(report.files)
    # After an interruption a browser finds there what it has stored itself.
    news = [file for file in files.values() if not (file.result == Result.KNOWN and before.get(file.path) == "stored")]
    UploadedFile.objects.bulk_create(
        [_row(receipt, file, studies.get(file.instance, "")) for file in news],
        update_conflicts=True,
        unique_fields=["receipt", "path"],
        update_fields=["size", "result", "reason", "study_instance_uid", "sop_instance_uid"],
    )
    receipt.finished_at = timezone.now() if report.finished else None
    receipt.save(update_fields=["finished_at"])


def _studies(files: Sequence[FileResult]) -> dict[str, str]:
    """By the SOP Instance UID of what is stored, the Study Instance UID."""
    said = [file.instance for file in files if file.result in {Result.STORED, Result.KNOWN}]
    found = Instance.objects.filter(sop_instance_uid__in=said)
    return dict(found.values_list("sop_instance_uid", "series__study__study_instance_uid"))


def _row(receipt: UploadReceipt, file: FileResult, study: str) -> UploadedFile:
    row = UploadedFile(
        receipt=receipt,
        path=file.path,
        size=file.size,
        result=file.result,
        reason=file.reason,
        study_instance_uid=study,
        sop_instance_uid=file.instance,
    )
    if file.result in {Result.STORED, Result.KNOWN} and not study:
        row.result, row.reason = Result.FAILED, NOT_THERE
    return row


def prune() -> int:
    """Remove the receipts that are older than `ARCHIVE_RECEIPT_DAYS`; returns how many."""
    old = UploadReceipt.objects.filter(started_at__lt=timezone.now() - timedelta(days=settings.ARCHIVE_RECEIPT_DAYS))
    _, rows = old.delete()
    return rows.get(UploadReceipt._meta.label, 0)
