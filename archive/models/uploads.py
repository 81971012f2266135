"""What people have uploaded, and what became of it."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models

from archive.fields import text_field, uid_field


class UploadReceipt(models.Model):
    """What became of the files that somebody has chosen to upload, as their browser reports it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True, db_index=True)
    #: When every file had a result, or somebody had enough of it; None: it goes on, or has been broken off.
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        #: Browsers report through the service alone.
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.id)


class UploadedFile(models.Model):
    """The result of one file, or of one entry of a zip archive."""

    class Result(models.TextChoices):
        STORED = "stored"
        KNOWN = "known", "already there"
        REFUSED = "refused"
        FAILED = "failed"
        SKIPPED = "skipped"

    #: Longer paths lose their beginning.
    LONGEST_PATH: ClassVar = 500

    receipt = models.ForeignKey(UploadReceipt, models.CASCADE, db_index=False, related_name="files")
    path = models.CharField(max_length=LONGEST_PATH)
    size = models.PositiveBigIntegerField()
    result = models.CharField(max_length=7, choices=Result)
    #: In plain words.
    reason = text_field()
    study_instance_uid = uid_field(blank=True, default="")
    sop_instance_uid = uid_field(blank=True, default="")

    class Meta:
        default_permissions = ("view",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["receipt", "path"], name="file_has_one_result")]

    def __str__(self) -> str:
        return f"file {self.pk} of upload {self.receipt_id}"
