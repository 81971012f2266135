"""How everything writes: one transaction, run again when it met another one.

Every writer of stored objects locks the studies it touches, in the order of their UIDs, before anything below them: so
the counts of a study and its series cannot be changed by two at once, and nobody waits in a circle.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

Result = TypeVar("Result")

#: A transaction that met another one creating or deleting the same row, or a deadlock, is run again so many times.
ATTEMPTS = 8
#: SQLite has one writer at a time, and lets the others sleep and try again. Those of this process wait here instead.
_writing = threading.Lock()
#: PostgreSQL's serialization_failure and deadlock_detected.
TRANSIENT = {"40001", "40P01"}


def write(change: Callable[[], Result], *, look_again: Callable[[], None] = lambda: None) -> Result:
    """Run the change in one transaction. Not to be called inside another one.

    What `look_again` raises ends it: that is called when the change met another one, whose rows are visible then.
    """
    with _writing if connection.vendor == "sqlite" else nullcontext():
        for _ in range(ATTEMPTS - 1):
            try:
                return _in_transaction(change)
            except IntegrityError:
                look_again()
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in TRANSIENT:
                    raise
        return _in_transaction(change)


def _in_transaction(change: Callable[[], Result]) -> Result:
    with transaction.atomic():
        return change()
