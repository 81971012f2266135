"""Stored objects: patient, study, series and instance as narrow, indexed rows; the wide bytes of an instance apart.

Everything here can be rebuilt from the blobs. Columns hold the attribute of their name as text without padding; a
second column with the suffix `_key` holds the form that searches compare, where that differs.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

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
