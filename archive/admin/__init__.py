"""The archive in the Django admin: what is stored, what is derived from it, who sent it; to look at, not to edit.

Objects say what they are.
"""

from archive.admin import audit, derived, failed_tasks, instances, patients, series, share_links, studies, uploads

__all__ = [
    "audit",
    "derived",
    "failed_tasks",
    "instances",
    "patients",
    "series",
    "share_links",
    "studies",
    "uploads",
]
