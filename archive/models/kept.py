"""What people have kept: worklists, columns, and which studies they have opened."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from archive.models.stored import Study


class SavedWorklist(models.Model):
    """A search for studies that somebody has kept, for themselves or for a group that they belong to."""

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey("auth.Group", models.CASCADE, null=True, related_name="+")
    #: As in the URL of the list; see `archive.study_list_query`.
    query = models.CharField(max_length=2000, blank=True)

    class Meta:
        #: Who it belongs to sees it and may remove it.
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(owner=None) ^ models.Q(group=None), name="worklist_has_an_owner_or_a_group"
            ),
            models.UniqueConstraint(fields=["owner", "name"], name="worklist_of_an_owner"),
            models.UniqueConstraint(fields=["group", "name"], name="worklist_of_a_group"),
        ]

    def __str__(self) -> str:
        return self.name


class StudyListColumns(models.Model):
    """The columns of the list of studies that somebody wants to see."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    #: Their names, separated by spaces.
    columns = models.CharField(max_length=400)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.columns


class StudyVisit(models.Model):
    """When somebody last opened a study."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    study = models.ForeignKey(Study, models.CASCADE, related_name="+")
    visited_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "study"], name="visit_is_the_last_one")]

    def __str__(self) -> str:
        return f"visit of study {self.study_id}"
