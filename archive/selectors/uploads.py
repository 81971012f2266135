"""Uploads: what of them is stored already, and their receipts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from archive.models import Instance, Study, UploadedFile, UploadReceipt
from archive.upload_reports import FileDigest

#: So many of somebody's receipts are listed.
RECENT = 10
#: So many files, and studies, are on the page of a receipt: its CSV has all files.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class UploadedStudy:
    uid: str
    files: int
    #: None once it has been deleted.
    row: Study | None


def known(files: Sequence[FileDigest]) -> list[str | None]:
    """For each file the study that has it, byte for byte as it is stored or as it was received; None: there is none.

    An instance is found by its UID: who has the bytes knows it, and an index of digests would cost every store.
    """
    rows = Instance.objects.filter(sop_instance_uid__in={file.instance for file in files}).values_list(
        "sop_instance_uid", "sha256", "received_sha256", "series__study__study_instance_uid"
    )
    studies = {(uid, digest): study for uid, sha256, received, study in rows for digest in (sha256, received)}
    return [studies.get((file.instance, file.sha256)) for file in files]


def recent(user: Any) -> QuerySet[UploadReceipt]:
    """The latest receipts of somebody, with the number of their files."""
    return UploadReceipt.objects.filter(user=user).annotate(number=Count("files")).order_by("-started_at")[:RECENT]


def receipt(user: Any, pk: UUID) -> UploadReceipt | None:
    """A receipt of this person."""
    return UploadReceipt.objects.filter(user=user, pk=pk).first()


def counts(of: UploadReceipt) -> Mapping[str, int]:
    """How many files have each result."""
    return Counter(dict(of.files.values_list("result").annotate(number=Count("pk")).order_by("result")))


def files(of: UploadReceipt, result: str = "") -> QuerySet[UploadedFile]:
    """Its files, of one result where that is asked for, in the order of their paths."""
    chosen = of.files.filter(result=result) if result else of.files.all()
    return chosen.order_by("path")


def studies(of: UploadReceipt) -> list[UploadedStudy]:
    """The studies that its files belong to, newest first."""
    numbers = dict(
        of.files.exclude(study_instance_uid="")
        .values_list("study_instance_uid")
        .annotate(number=Count("pk"))
        .order_by("study_instance_uid")[:MOST_LISTED]
    )
    rows = Study.objects.filter(study_instance_uid__in=numbers).select_related("patient")
    found = {row.study_instance_uid: row for row in rows.order_by("-study_date", "-pk")}
    return [UploadedStudy(uid, numbers[uid], found.get(uid)) for uid in [*found, *(numbers.keys() - found.keys())]]
