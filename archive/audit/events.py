"""What the trail tells apart: actions, after the events of DICOM's audit trail, and the ways by which they are done."""

from collections.abc import Mapping

from django.db.models import TextChoices


class Action(TextChoices):
    QUERY = "query", "searched"
    ACCESSED = "accessed", "looked at"
    RETRIEVED = "retrieved", "retrieved"
    EXPORTED = "exported", "downloaded or exported"
    STORE_BEGUN = "store begun", "began to store"
    STORED = "stored", "stored"
    DELETED = "deleted", "deleted"
    LABELED = "labeled", "labeled"
    PROCEDURE = "procedure", "worked on a step"
    SIGNED_IN = "signed in", "signed in"
    SIGNED_OUT = "signed out", "signed out"
    ACCESS_CHANGED = "access changed", "changed who may do what"
    STUDY_SHARED = "study shared", "changed who may see a study"
    TRAIL_READ = "trail read", "read the audit trail"


#: PS3.15 Section A.5.3: each action's Event ID (PS3.16 CID 400), and its Event Type Code (CID 401) where it has one.
CODES: Mapping[Action, tuple[str, str]] = {
    Action.QUERY: ("110112", ""),
    Action.ACCESSED: ("110103", ""),
    Action.RETRIEVED: ("110104", ""),
    Action.EXPORTED: ("110106", ""),
    Action.STORE_BEGUN: ("110102", ""),
    Action.STORED: ("110104", ""),
    Action.DELETED: ("110105", ""),
    Action.LABELED: ("110103", ""),
    Action.PROCEDURE: ("110111", ""),
    Action.SIGNED_IN: ("110114", "110122"),
    Action.SIGNED_OUT: ("110114", "110123"),
    Action.ACCESS_CHANGED: ("110113", "110137"),
    Action.STUDY_SHARED: ("110113", "110135"),
    Action.TRAIL_READ: ("110101", ""),
}


class Way(TextChoices):
    """By which somebody came."""

    PAGE = "page", "page"
    VIEWER = "viewer", "viewer"
    DICOMWEB = "dicomweb", "DICOMweb"
    ADMIN = "admin", "admin"
    SHARE_LINK = "share link", "share link"
    COMMAND = "command", "command or background work"
