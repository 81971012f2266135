"""Labels, and which studies have them."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from archive import label_names
from archive.errors import MalformedLabel
from archive.models.stored import Study


class LabelColor(models.TextChoices):
    """Each is legible in dark and in light, see `static/css/labels.css`."""

    BLUE = "blue"
    GREEN = "green"
    ORANGE = "orange"
    VIOLET = "violet"
    TEAL = "teal"
    PINK = "pink"
    YELLOW = "yellow"
    RED = "red"
    GRAY = "gray"


class Label(models.Model):
    """A word that people and AI services put on studies: "teaching", "second opinion"."""

    name = models.CharField(max_length=label_names.LONGEST)
    #: What names of one label have in common.
    name_key = models.CharField(max_length=label_names.LONGEST_KEY, unique=True, editable=False)
    color = models.CharField(max_length=6, choices=LabelColor, default=LabelColor.BLUE)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = label_names.key(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        try:
            self.name = label_names.clean(self.name)
        except MalformedLabel as error:
            raise ValidationError({"name": str(error)}) from error
        if Label.objects.filter(name_key=label_names.key(self.name)).exclude(pk=self.pk).exists():
            raise ValidationError({"name": "There is a label of this name already."})


class StudyLabel(models.Model):
    """A label on a study, which it stays on until somebody takes it off."""

    # The index of the constraint serves.
    study = models.ForeignKey(Study, models.CASCADE, db_index=False, related_name="study_labels")
    label = models.ForeignKey(Label, models.CASCADE, db_index=False, related_name="study_labels")
    #: None: somebody whose account is deleted, or anybody where the archive is open.
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [("label_study", "Can put labels on studies and take them off")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "label"], name="label_is_on_a_study_once")]
        indexes: ClassVar = [models.Index(fields=["label", "study"], name="studies_with_a_label")]

    def __str__(self) -> str:
        return f"label {self.label_id} on study {self.study_id}"
