"""The archive in the Django admin: what is stored, what is derived from it, who sent it, where it is sent to.

Objects say what they are.
"""

from archive.admin import (
    audit,
    derived,
    destinations,
    failed_tasks,
    instances,
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
    "patients",
    "send_orders",
    "series",
    "share_links",
    "studies",
    "uploads",
]
