"""The worklist: workitems, who is told about them, and what they have been told.

A workitem is its DICOM JSON; its columns repeat what it is searched by, as text without padding.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone

from archive.dicom.ae_titles import LONGEST
from archive.fields import text_field, uid_field
from workflow.event_reports import EVENT_NAMES
from workflow.states import SCHEDULED, STATES


class Workitem(models.Model):
    """A Unified Procedure Step (PS3.3 Section B.26).

    Its date times are in UTC, `20261125181500.000000`, and `_as_shown` is what the clocks showed; where nobody knows
    the offset from UTC, they are what the clocks showed, and `_as_shown` is empty.
    """

    sop_instance_uid = uid_field(unique=True)
    #: The lock: the Transaction UID of the claim, which never leaves the archive. Final workitems keep it.
    transaction_uid = uid_field(blank=True, default="")
    procedure_step_state = models.CharField(
        max_length=16, choices=[(state, state) for state in STATES], default=SCHEDULED
    )
    input_readiness_state = text_field()
    scheduled_procedure_step_priority = text_field()
    procedure_step_label = text_field()
    worklist_label = text_field()
    scheduled_procedure_step_start_date_time = text_field()
    scheduled_procedure_step_start_as_shown = text_field()
    expected_completion_date_time = text_field()
    expected_completion_as_shown = text_field()
    patient_name = text_field()
    patient_id = text_field(db_index=True)
    issuer_of_patient_id = text_field()
    patient_birth_date = text_field()
    patient_sex = text_field()
    admission_id = text_field(db_index=True)
    #: Whether columns and indexed values hold all that it is found by; else searches read the data set.
    indexed_whole = models.BooleanField(default=True)

    #: The data set in the DICOM JSON Model, UTF-8, without the Transaction UID.
    dicom_json = models.BinaryField()

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    #: When it reached a final state.
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions: ClassVar = [
            ("perform_workitem", "Can claim, update and finish workitems"),
            ("cancel_workitem", "Can ask for workitems to be canceled"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["procedure_step_state", "scheduled_procedure_step_start_date_time", "sop_instance_uid"],
                name="worklist_in_order",
            ),
            models.Index(
                fields=["scheduled_procedure_step_start_date_time", "sop_instance_uid"], name="worklist_of_all_states"
            ),
            models.Index(fields=["finished_at"], name="workitem_finished"),
            # What people filter and sort the worklist by, to be read without the data sets beside it.
            models.Index(
                fields=[
                    "procedure_step_state",
                    "scheduled_procedure_step_priority",
                    "worklist_label",
                    "expected_completion_date_time",
                    "expected_completion_as_shown",
                    "scheduled_procedure_step_start_date_time",
                    "scheduled_procedure_step_start_as_shown",
                    "id",
                ],
                name="worklist_at_a_glance",
            ),
            models.Index(fields=["procedure_step_label", "id"], name="worklist_by_label"),
            models.Index(fields=["patient_name", "id"], name="worklist_by_patient"),
            models.Index(fields=["worklist_label", "id"], name="worklist_labels"),
            models.Index(fields=["id"], name="workitem_not_indexed", condition=models.Q(indexed_whole=False)),
        ]

    def __str__(self) -> str:
        return self.sop_instance_uid


class Claim(models.Model):
    """Somebody has claimed a workitem on its page: the lock is theirs to use, on another day and computer too.

    There is none of a workitem that was claimed over DICOMweb; its Transaction UID is with whoever made it.
    """

    workitem = models.OneToOneField(Workitem, models.CASCADE, primary_key=True, related_name="claim")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    #: Under which AE title they act.
    ae_title = models.CharField("AE title", max_length=LONGEST)
    claimed_at = models.DateTimeField(default=timezone.now)
    #: When they were last asked to cancel it, and the attributes of that report as `Event` has them.
    cancel_requested_at = models.DateTimeField(null=True)
    cancel_request = models.BinaryField(default=b"")

    class Meta:
        #: Pages go by the permissions of workitems.
        default_permissions = ()

    def __str__(self) -> str:
        return f"claim of workitem {self.workitem_id}"


class IndexedValue(models.Model):
    """A value that a workitem is found by and that has no column: in a sequence, or a form of a name."""

    workitem = models.ForeignKey(Workitem, models.CASCADE, related_name="indexed_values")
    #: The tags from the sequence down, with dots between them.
    path = models.CharField(max_length=100)
    #: Which item of the sequence at the head of the path has it; 0 where no two values could have to be in one item.
    item = models.PositiveIntegerField()
    value = text_field()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            # All that a search asks of a row. The classes of PostgreSQL serve patterns that begin with a text, too.
            models.Index(
                fields=["path", "value", "workitem", "item"],
                name="workitem_by_value",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "int8_ops", "int4_ops"],
            ),
            # Which stations there are, Scheduled Station Name Code Sequence: that one's order serves no minimum.
            models.Index(fields=["value"], name="worklist_stations", condition=models.Q(path="00404025.00080100")),
        ]

    def __str__(self) -> str:
        return f"{self.path} of workitem {self.workitem_id}"


class WorkitemTombstone(models.Model):
    """A workitem that was kept for its time and has been purged: it is answered 410."""

    sop_instance_uid = uid_field(unique=True)
    deleted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.sop_instance_uid


class ApplicationEntity(models.Model):
    """Somebody who subscribes and is told of events, by the AE title.

    It belongs to users and groups: only they subscribe, listen and act under it. `last_sequence` numbers its events;
    those after `delivered_sequence` have not been sent to it yet.
    """

    ae_title = models.CharField("AE title", max_length=LONGEST, unique=True)
    description = models.CharField(max_length=200, blank=True, default="")
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="application_entities")
    groups = models.ManyToManyField(Group, blank=True, related_name="application_entities")
    last_sequence = models.BigIntegerField(default=0, editable=False)
    delivered_sequence = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "application entities"
        permissions: ClassVar = [("use_any_ae_title", "Can act under every AE title")]

    def __str__(self) -> str:
        return self.ae_title


class GlobalSubscription(models.Model):
    """The wish of an AE to be subscribed to all workitems, or to those that match a filter (PS3.4 Section CC.2.3)."""

    class Kind(models.TextChoices):
        GLOBAL = "GLOBAL", "all workitems"
        FILTERED = "FILTERED", "workitems that match"

    subscriber = models.ForeignKey(ApplicationEntity, models.CASCADE, related_name="global_subscriptions")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    deletion_lock = models.BooleanField(default=False)
    #: The keys of a filtered subscription: attribute -> values as texts, as a query has them.
    filter = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "kind"], name="one_global_subscription_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.kind}"


class Subscription(models.Model):
    """An AE is told of the events of one workitem; the lock keeps that from being purged (PS3.4 Section CC.2.3)."""

    # The index of the constraint serves.
    subscriber = models.ForeignKey(ApplicationEntity, models.CASCADE, related_name="subscriptions", db_index=False)
    workitem = models.ForeignKey(Workitem, models.CASCADE, related_name="subscriptions")
    deletion_lock = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "workitem"], name="subscribed_once_to_a_workitem")
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} to workitem {self.workitem_id}"


class Event(models.Model):
    """An event report to one AE (PS3.4 Section CC.2.4), written in the transaction of the change that it reports."""

    # The index of the constraint serves.
    subscriber = models.ForeignKey(ApplicationEntity, models.CASCADE, related_name="events", db_index=False)
    #: Counts the events of the subscriber from 1, in the order of the commits.
    sequence = models.BigIntegerField()
    type = models.PositiveSmallIntegerField(choices=[(kind.value, name) for kind, name in EVENT_NAMES.items()])
    #: Not a key: the event outlives its workitem.
    sop_instance_uid = uid_field()
    #: The attributes of the report as DICOM JSON, UTF-8, without those of the message itself.
    dicom_json = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "sequence"], name="events_of_a_subscriber_in_order")
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="event_age"),
            models.Index(fields=["sop_instance_uid", "id"], name="events_of_a_workitem"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.sequence} to {self.subscriber_id}"


class WorkitemRule(models.Model):
    """When a study has arrived and matches, create a workitem for it."""

    name = models.CharField(max_length=100, unique=True)
    enabled = models.BooleanField(default=True)
    #: As the query of a search for series: `ModalitiesInStudy=CT&BodyPartExamined=CHEST`. A study matches if one of its
    #: series would be found; empty: every study.
    filter = models.TextField(blank=True, default="")
    quiet_seconds = models.PositiveIntegerField(
        default=60, help_text="A study has arrived when no instance has been added to it for so many seconds."
    )
    #: The workitem in DICOM JSON; what the study says of patient, request and input is added to it. See
    #: `workflow.study_workitem`.
    template = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    #: Studies whose last instance came before this have been looked at.
    examined_until = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name


class RuleFiring(models.Model):
    """A rule has created its workitem for a study, which it does once."""

    rule = models.ForeignKey(WorkitemRule, models.CASCADE, related_name="firings")
    study_instance_uid = uid_field(db_index=True)
    sop_instance_uid = uid_field(help_text="of the workitem")
    fired_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "study_instance_uid"], name="rule_fires_once_for_a_study")
        ]

    def __str__(self) -> str:
        return f"{self.rule} for {self.study_instance_uid}"
