"""Background work: who does it, and what of it has failed."""

from typing import ClassVar

from django.db import models

from archive.fields import text_field


class WorkerSeen(models.Model):
    """When a worker of background tasks last said that it is there."""

    name = models.CharField(max_length=200, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class FailedTask(models.Model):
    """A background task that has failed, until it is done. Its arguments are primary keys and UIDs, as JSON."""

    task = models.CharField(max_length=100)
    arguments = models.CharField(max_length=1000)
    #: What kind of error it was; errors of others than the archive may repeat values of data sets.
    error = text_field()
    times = models.PositiveIntegerField(default=1)
    failed_at = models.DateTimeField()

    class Meta:
        #: To change is to try again.
        default_permissions = ("view", "change")
        constraints: ClassVar = [models.UniqueConstraint(fields=["task", "arguments"], name="task_has_failed")]

    def __str__(self) -> str:
        return self.task
