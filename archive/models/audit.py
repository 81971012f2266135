"""Who has done what; see `archive.audit`."""

from typing import ClassVar

from django.db import models

from archive.append_only import AppendOnlyModel
from archive.audit.events import Action, Way
from archive.fields import uid_field


class AuditEvent(AppendOnlyModel):
    """What somebody has done with a study, by a way, within an hour: how often, first and last. Written by
    `archive.audit` alone, which counts on while the hour lasts.

    People and studies are named, not referred to: both may be deleted, and stay here.
    """

    hour = models.DateTimeField()
    action = models.CharField(max_length=20, choices=Action)
    #: False: they were refused.
    succeeded = models.BooleanField()
    #: A username; empty for who has not signed in.
    person = models.CharField(max_length=150, blank=True)
    #: By which they were known, such as `session` or `token 1a2b3c4d`.
    credential = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)
    way = models.CharField(max_length=10, choices=Way)
    study_instance_uid = uid_field(blank=True)
    #: What else it was done with: UIDs and names of accounts.
    subject = models.CharField(max_length=200, blank=True)

    times = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                # The study first: by this index its events are found too.
                fields=[
                    *("study_instance_uid", "hour", "person", "action", "way", "succeeded"),
                    *("credential", "address", "subject"),
                ],
                name="event_is_counted_within_an_hour",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["-last_at", "-id"], name="event_newest_first"),
            models.Index(fields=["person", "-last_at"], name="event_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.hour:%Y-%m-%d %H}h"
