"""The tables of the archive, a module a subject; all else imports them from here."""

from archive.models.audit import AuditEvent
from archive.models.background import FailedTask, WorkerSeen
from archive.models.derived import DERIVED_VERSION, Derivation, DerivedBlob, DerivedKind, DerivedTotal
from archive.models.kept import SavedWorklist, StudyListColumns, StudyVisit
from archive.models.keys import PatientNameKey, ReferringPhysicianNameKey, StudyDescriptionKey
from archive.models.labels import Label, LabelColor, StudyLabel
from archive.models.sending import Destination, OrderedInstance, SendOrder
from archive.models.share_links import ShareLink
from archive.models.stored import Instance, InstanceMetadata, Patient, RequestAttributes, Series, Study, Tombstone
from archive.models.uploads import UploadedFile, UploadReceipt

__all__ = [
    "DERIVED_VERSION",
    "AuditEvent",
    "Derivation",
    "DerivedBlob",
    "DerivedKind",
    "DerivedTotal",
    "Destination",
    "FailedTask",
    "Instance",
    "InstanceMetadata",
    "Label",
    "LabelColor",
    "OrderedInstance",
    "Patient",
    "PatientNameKey",
    "ReferringPhysicianNameKey",
    "RequestAttributes",
    "SavedWorklist",
    "SendOrder",
    "Series",
    "ShareLink",
    "Study",
    "StudyDescriptionKey",
    "StudyLabel",
    "StudyListColumns",
    "StudyVisit",
    "Tombstone",
    "UploadReceipt",
    "UploadedFile",
    "WorkerSeen",
]
