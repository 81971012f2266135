"""Links by which somebody without an account sees a study."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from archive.models.stored import Study


class ShareLink(models.Model):
    """A link by which whoever has it sees one study without a sign-in, until its time is over or it is revoked.

    It can do no more than who has made it may do at that moment. The token itself is not kept.
    """

    LONGEST_NOTE: ClassVar = 200

    study = models.ForeignKey(Study, models.CASCADE, related_name="share_links")
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    #: For whom, or why; for those who share the study.
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    may_download = models.BooleanField(default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)
    #: How often it was opened.
    uses = models.PositiveIntegerField(default=0, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        #: To change is to revoke.
        default_permissions = ("view", "change")
        permissions: ClassVar = [("share_study", "Can share studies by links")]
        indexes: ClassVar = [models.Index(fields=["-made_at", "-id"], name="share_link_newest_first")]

    def __str__(self) -> str:
        return f"share link {self.pk}"
