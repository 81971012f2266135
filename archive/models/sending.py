"""Other archives, and what people want to be sent to them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from archive.fields import text_field, uid_field


class Destination(models.Model):
    """Another archive that studies can be sent to over STOW-RS."""

    class SignIn(models.TextChoices):
        NONE = "none"
        BEARER = "bearer", "bearer token"
        TOKEN = "token", "token of an archive like this one"
        BASIC = "basic", "user name and password"

    name = models.CharField(max_length=60, unique=True)
    url = models.CharField(
        "URL",
        max_length=500,
        help_text="Of the DICOMweb service, such as https://pacs.example.org/dicom-web; /studies is below it.",
    )
    sign_in = models.CharField("sign-in", max_length=6, choices=SignIn, default=SignIn.NONE)
    user_name = models.CharField(max_length=150, blank=True, default="")
    #: Token or password, sealed; see `archive.sealed`.
    secret = models.BinaryField(default=b"", editable=False)
    enabled = models.BooleanField(default=True, help_text="Else nothing is sent to it: what waits, waits.")
    deidentified_only = models.BooleanField(
        "de-identified only",
        default=False,
        help_text="Nothing is sent to it but without what identifies the patient.",
    )
    groups = models.ManyToManyField(
        "auth.Group",
        blank=True,
        related_name="+",
        help_text="Who may send to it, of those who may send studies. None: all of them.",
    )

    class Meta:
        #: Not "add" and "change", which groups have for what they store.
        default_permissions = ()
        permissions: ClassVar = [("manage_destination", "Can manage destinations, and what others send")]

    def __str__(self) -> str:
        return self.name


class SendOrder(models.Model):
    """What somebody wants to be sent to a destination, and how far that is."""

    class State(models.TextChoices):
        WAITING = "waiting"
        #: A worker has it; see `due_at`.
        SENDING = "sending"
        DONE = "done"
        #: Given up: what still waits could not be sent, and `problem` says why.
        FAILED = "failed"
        CANCELED = "canceled"

    destination = models.ForeignKey(Destination, models.PROTECT, related_name="orders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
    deidentified = models.BooleanField(default=False)
    ordered_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    #: When it is to be gone on with; while a worker has it, when another one may take it, should that worker be gone.
    due_at = models.DateTimeField(default=timezone.now)
    #: Requests since the last one that a destination has taken something of.
    attempts = models.PositiveSmallIntegerField(default=0)
    #: What has been in the way last; without values of data sets.
    problem = text_field()
    #: How many instances it has, and how many of them have been sent, or were there, and could not be sent.
    total = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [("send_study", "Can send studies to destinations")]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=["waiting", "sending"]), name="send_order_under_way"
            ),
            models.Index(fields=["user", "-id"], name="send_orders_of_user"),
            models.Index(fields=["ordered_at"], name="send_order_by_age"),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.SENDING}

    @property
    def remaining(self) -> int:
        return self.total - self.sent - self.failed


class OrderedInstance(models.Model):
    """An instance of an order. It may be gone by the time it would be sent, so that it is known by its UIDs."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        KNOWN = "known", "already there"
        FAILED = "failed"

    order = models.ForeignKey(SendOrder, models.CASCADE, db_index=False, related_name="instances")
    study_instance_uid = uid_field()
    series_instance_uid = uid_field()
    sop_instance_uid = uid_field()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    #: How often the destination has put it off.
    tries = models.PositiveSmallIntegerField(default=0)
    #: Why it could not be sent, in plain words.
    reason = text_field()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["order", "state", "tries", "id"], name="ordered_instances")]

    def __str__(self) -> str:
        return self.sop_instance_uid
