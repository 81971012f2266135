"""The archive in the Django admin: what is stored, what is derived from it, who sent it, where it is sent to.

Objects say what they are. Labels, which people put on them, are edited.
"""

from archive.admin import (
    audit,
    derived,
    destinations,
    failed_tasks,
    instances,
    labels,
    patients,
    send_orders,
    series,
    share_links,
    studies,
    uploads,
)

__all__ = [
    "audit",
    "derived",
    "destinations",
    "failed_tasks",
    "instances",
    "labels",
    "patients",
    "send_orders",
    "series",
    "share_links",
    "studies",
    "uploads",
]
