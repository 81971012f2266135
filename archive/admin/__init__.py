"""The archive in the Django admin: what is stored, and what is derived from it; to look at, not to edit. Objects say
what they are.
"""

from archive.admin import derived, failed_tasks, instances, patients, series, studies

__all__ = ["derived", "failed_tasks", "instances", "patients", "series", "studies"]
