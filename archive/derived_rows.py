"""Rows of what is derived, as those who read and those who write change them; to be called in a transaction.

Rows are locked in this order: the instance, the total, derived blobs.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from archive import rows

#: An instance waits for so long before the clock sends it to a worker: whoever made it wait sends it at once.
GRACE = timedelta(minutes=1)


def charge(amount: int) -> int:
    """Add so many bytes to the total, and lock it until the transaction ends. Returns the new total."""
    [(total,)] = rows.select(
        "INSERT INTO archive_derivedtotal (id, size) VALUES (1, %s)"
        " ON CONFLICT (id) DO UPDATE SET size = archive_derivedtotal.size + excluded.size RETURNING size",
        amount,
    )
    return int(total)


def drop(condition: str, *parameters: Any) -> list[str]:
    """Delete the rows of derived blobs that meet a condition. Returns the keys of blobs that nobody finds any more."""
    if not rows.select(f"SELECT 1 FROM archive_derivedblob WHERE {condition} LIMIT 1", *parameters):  # noqa: S608
        return []
    charge(0)
    dropped = rows.select(
        f"DELETE FROM archive_derivedblob WHERE {condition} RETURNING blob_key, size",  # noqa: S608
        *parameters,
    )
    charge(-sum(size for _, size in dropped))
    return [key for key, _ in dropped]


def wait(condition: str, *parameters: Any) -> int:
    """Let what is missing be derived from the instances that meet a condition. Returns how many they are."""
    return rows.execute(
        "INSERT INTO archive_derivation (instance_id, state, attempts, error, due_at)"  # noqa: S608
        f" SELECT id, 'waiting', 0, '', %s FROM archive_instance WHERE {condition}"
        " ON CONFLICT (instance_id) DO UPDATE"
        " SET state = excluded.state, attempts = excluded.attempts, error = excluded.error, due_at = excluded.due_at",
        first_due(),
        *parameters,
    )


def first_due() -> Any:
    """When the clock sends what begins to wait now, as a parameter of a statement."""
    return rows.moment(timezone.now() + GRACE)
