"""The audit trail, read."""

from collections.abc import Sequence

from archive.models import AuditEvent

#: The newest so many events of a study are listed; the admin has them all.
MOST_EVENTS = 200


def of_study(study: str) -> Sequence[AuditEvent]:
    """What was done with a study, newest first, also when it is not stored any more."""
    return list(AuditEvent.objects.filter(study_instance_uid=study).order_by("-hour", "-last_at", "-id")[:MOST_EVENTS])
