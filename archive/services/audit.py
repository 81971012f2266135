"""The end of the audit trail."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from archive import rows
from archive.models import AuditEvent


def prune() -> int:
    """Remove events that are older than `ARCHIVE_AUDIT_DAYS`, if there is an end to it; returns how many."""
    if not settings.ARCHIVE_AUDIT_DAYS:
        return 0
    kept_from = rows.moment(timezone.now() - timedelta(days=settings.ARCHIVE_AUDIT_DAYS))
    return rows.execute(f"DELETE FROM {AuditEvent._meta.db_table} WHERE last_at < %s", kept_from)  # noqa: S608
