"""Stored objects: patient, study, series and instance as narrow, indexed rows; the wide bytes of an instance apart.

Everything here can be rebuilt from the blobs. Columns hold the attribute of their name as text without padding; a
second column with the suffix `_key` holds the form that searches compare, where that differs.
"""

from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from archive import label_names
from archive.append_only import AppendOnlyModel
from archive.audit.events import Action, Way
from archive.dicom.rendering import pictures
from archive.errors import MalformedLabel
from archive.fields import text_field, uid_field


class Patient(models.Model):
    """A person, or a phantom: Patient ID within its issuer. Without a Patient ID nobody can say who it is, so that
    every such study has a patient of its own.
    """

    patient_id = text_field(db_index=True)
    issuer_of_patient_id = text_field()
    patient_name = text_field()
    patient_name_key = text_field(editable=False)
    patient_birth_date = text_field()
    patient_sex = text_field()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient_id", "issuer_of_patient_id"],
                condition=~models.Q(patient_id=""),
                name="patient_is_unique_within_issuer",
            )
        ]
        #: How lists of studies can be sorted.
        indexes: ClassVar = [
            models.Index(fields=["patient_name_key", "id"], name="patient_by_name"),
            models.Index(fields=["patient_id", "id"], name="patient_by_patient_id"),
            models.Index(fields=["patient_birth_date", "id"], name="patient_by_birth_date"),
            models.Index(fields=["patient_sex", "id"], name="patient_by_sex"),
        ]

    def __str__(self) -> str:
        return self.patient_id or "(no Patient ID)"


class NameKey(models.Model):
    """One text under which a person name is found, and how it sounds; see `archive.dicom.matching.person_names`.

    A word that sounds in more ways than one has a row without text for each further one.
    """

    key = text_field()
    sound = text_field(db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


def found_both_ways(owner: str, names: str) -> list[models.Index]:
    """Indexes of keys, from a key to whose it is and back without a look at the table.

    The first serves how a key begins, for which PostgreSQL has an order of its own.
    """
    return [
        models.Index(fields=["key", owner], opclasses=["varchar_pattern_ops", "int8_ops"], name=f"{names}_by_key"),
        models.Index(fields=[owner, "key"], name=f"{names}_of_{owner}"),
    ]


class PatientNameKey(NameKey):
    patient = models.ForeignKey(Patient, models.CASCADE, db_index=False, related_name="name_keys")

    class Meta:
        indexes: ClassVar = found_both_ways("patient", "name_keys")


class Study(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="studies")
    study_instance_uid = uid_field(unique=True)
    study_date = text_field()
    study_time = text_field()
    study_time_key = text_field()
    accession_number = text_field(db_index=True)
    referring_physician_name = text_field()
    study_id = text_field(db_index=True)
    study_description = text_field()
    timezone_offset_from_utc = text_field()

    #: Distinct values, sorted, separated by backslashes.
    modalities_in_study = text_field()
    number_of_study_related_series = models.PositiveIntegerField(default=0)
    number_of_study_related_instances = models.PositiveIntegerField(default=0)
    #: The bytes of its objects.
    size = models.PositiveBigIntegerField(default=0)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    #: When an instance was last added or replaced; deletion leaves it as it is.
    last_instance_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "studies"
        indexes: ClassVar = [
            models.Index(fields=["-study_date", "-id"], name="study_newest_first"),
            models.Index(fields=["last_instance_at", "id"], name="study_arrival"),
            # With all that is summed up of a day, which may have half a million studies.
            models.Index(
                fields=["created_at", "id", "modalities_in_study", "number_of_study_related_instances", "size"],
                name="study_received",
            ),
            # How lists of studies can be sorted.
            models.Index(fields=["study_date", "study_time_key", "id"], name="study_by_moment"),
            models.Index(fields=["accession_number", "id"], name="study_by_accession_number"),
            models.Index(fields=["study_description", "id"], name="study_by_description"),
            models.Index(fields=["referring_physician_name", "id"], name="study_by_referring_physician"),
            models.Index(fields=["modalities_in_study", "id"], name="study_by_modalities"),
            models.Index(fields=["number_of_study_related_series", "id"], name="study_by_series"),
            models.Index(fields=["number_of_study_related_instances", "id"], name="study_by_instances"),
            models.Index(fields=["size", "id"], name="study_by_size"),
        ]

    def __str__(self) -> str:
        return self.study_instance_uid


class ReferringPhysicianNameKey(NameKey):
    study = models.ForeignKey(Study, models.CASCADE, db_index=False, related_name="referring_physician_name_keys")

    class Meta:
        indexes: ClassVar = found_both_ways("study", "referrer_keys")


class StudyDescriptionKey(models.Model):
    """One word of a Study Description, folded as names are: people look for words."""

    study = models.ForeignKey(Study, models.CASCADE, db_index=False, related_name="description_keys")
    key = text_field()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = found_both_ways("study", "description_keys")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


class Series(models.Model):
    study = models.ForeignKey(Study, models.CASCADE, related_name="series")
    series_instance_uid = uid_field(db_index=True)
    modality = text_field()
    series_number = models.BigIntegerField(null=True, blank=True)
    series_description = text_field()
    body_part_examined = text_field()
    performed_procedure_step_start_date = text_field(db_index=True)
    performed_procedure_step_start_time = text_field()
    performed_procedure_step_start_time_key = text_field()
    timezone_offset_from_utc = text_field()

    number_of_series_related_instances = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "series"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "series_instance_uid"], name="series_is_unique_within_study")
        ]
        indexes: ClassVar = [
            models.Index(fields=["study", "modality"], name="modalities_in_study"),
            models.Index(fields=["body_part_examined", "study"], name="series_by_body_part"),
        ]

    def __str__(self) -> str:
        return self.series_instance_uid


class RequestAttributes(models.Model):
    """One item of Request Attributes Sequence (0040,0275) of a series."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="request_attributes")
    scheduled_procedure_step_id = text_field(db_index=True)
    requested_procedure_id = text_field(db_index=True)

    class Meta:
        verbose_name_plural = "request attributes"

    def __str__(self) -> str:
        return self.requested_procedure_id


class Instance(models.Model):
    series = models.ForeignKey(Series, models.CASCADE, related_name="instances")
    sop_instance_uid = uid_field(unique=True)
    sop_class_uid = uid_field()
    instance_number = models.BigIntegerField(null=True, blank=True)
    rows = models.PositiveIntegerField(null=True, blank=True)
    columns = models.PositiveIntegerField(null=True, blank=True)
    bits_allocated = models.PositiveIntegerField(null=True, blank=True)
    number_of_frames = models.PositiveIntegerField(null=True, blank=True)
    timezone_offset_from_utc = text_field()
    transfer_syntax_uid = uid_field()

    #: Where the bytes are, as received unless the store has coerced them; see `archive.storage`.
    blob_key = models.CharField(max_length=100, unique=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    #: Digest of the bytes that were sent, where the store changed them (coercion); a repeat of those is recognised.
    received_sha256 = models.CharField(max_length=64, blank=True, default="")
    #: Of the bytes, as zip archives have it; see `archive.checksums`.
    crc32 = models.BigIntegerField(null=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["series", "instance_number", "id"], name="instances_in_order")]

    def __str__(self) -> str:
        return self.sop_instance_uid


class InstanceMetadata(models.Model):
    """What one parse of an instance yielded, as bytes that are read and sent, never searched."""

    instance = models.OneToOneField(Instance, models.CASCADE, primary_key=True, related_name="metadata")
    #: DICOM JSON, compressed (zlib), with a placeholder for the instance's URL; see `archive.dicom.dicom_json.resolve`.
    dicom_json = models.BinaryField()
    #: `archive.dicom.bulkdata.BulkdataIndex`.
    bulkdata = models.BinaryField()
    #: `archive.dicom.frame_index`; empty without pixel data.
    frames = models.BinaryField()
    #: Where the deflate stream begins in a deflated object; the offsets of both indexes count in the inflated bytes.
    deflated_from = models.PositiveBigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "instance metadata"

    def __str__(self) -> str:
        return f"metadata of instance {self.pk}"


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


class Tombstone(models.Model):
    """Something that was stored and has been deleted, until it is stored again.

    Of an instance it has all three UIDs; of a series no SOP Instance UID; of a study only the first.
    """

    study_instance_uid = uid_field()
    series_instance_uid = uid_field(blank=True, default="")
    sop_instance_uid = uid_field(blank=True, default="")
    deleted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        #: Nobody writes tombstones by hand.
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study_instance_uid", "series_instance_uid", "sop_instance_uid"],
                name="place_is_deleted_once",
            )
        ]

    def __str__(self) -> str:
        return self.sop_instance_uid or self.series_instance_uid or self.study_instance_uid


# -- what people keep ------------------------------------------------------------


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


# -- labels ------------------------------------------------------------------------


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


# -- sending -----------------------------------------------------------------------


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


# -- uploads -----------------------------------------------------------------------


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


# -- who does what -----------------------------------------------------------------


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
