"""What is made of stored instances, and whether it has been made."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from archive.dicom.rendering import pictures
from archive.fields import text_field
from archive.models.stored import Instance


class DerivedKind(models.TextChoices):
    """What is derived from instances: a JPEG to look at, and the frames of pixel data that are not stored as such."""

    THUMBNAIL = "thumbnail"
    FRAMES = "frames", "native frames"


#: Of what derives: that of pictures, so that no thumbnail of before is given under the tag of now. What another version
#: has derived is missing, and the archive derives it again.
DERIVED_VERSION = pictures.VERSION


class DerivedBlob(models.Model):
    """Something made of the bytes of an instance, which can be made again at any time.

    It counts only while the instance has the same bytes, and the version is `DERIVED_VERSION`.
    """

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="derived_blobs")
    kind = models.CharField(max_length=10, choices=DerivedKind)
    #: Of the object that it was made of.
    sha256 = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField()
    #: Where the bytes are; see `archive.storage.derived_blobs`.
    blob_key = models.CharField(max_length=100, unique=True)
    size = models.PositiveBigIntegerField()
    #: Bytes of each frame, where frames follow each other.
    frame_length = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: When it was last read, give or take an hour.
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        #: To delete is to discard: it is made again when somebody asks for that.
        default_permissions = ("view", "delete")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instance", "kind"], name="instance_has_one_derived_blob_of_a_kind")
        ]
        indexes: ClassVar = [models.Index(fields=["used_at", "id"], name="derived_blob_least_used")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of instance {self.instance_id}"


class DerivedTotal(models.Model):
    """One row: the bytes of all derived blobs, changed in the transactions that change these."""

    size = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.size} bytes"


class Derivation(models.Model):
    """Whether what can be derived from an instance has been derived. An instance without this row waits as well, but
    for `manage.py build_derived`: it was stored before there were derivations.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        FAILED = "failed"
        DONE = "done"

    instance = models.OneToOneField(Instance, models.CASCADE, primary_key=True, related_name="derivation")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Why it failed, or has not succeeded yet; without values of the data set.
    error = text_field()
    #: When a waiting one is to be sent to a worker, if none has dealt with it by then.
    due_at = models.DateTimeField(null=True)

    class Meta:
        #: To change is to try again.
        default_permissions = ("view", "change")
        # Nearly all are done: the indexes hold the few that are not.
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="derivation_waiting"),
            models.Index(fields=["instance"], condition=models.Q(state="failed"), name="derivation_failed"),
        ]

    def __str__(self) -> str:
        return f"derivation from instance {self.instance_id}"
