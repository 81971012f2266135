"""How everything that changes the worklist writes: one transaction that does not overlap a global subscription.

A change looks up who is subscribed; a global subscription looks up which workitems there are. Each has to see the
other's: so changes share a lock that global subscriptions have for themselves.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.db import connection

from archive.live.hints import hint_on_commit
from archive.transactions import write

Result = TypeVar("Result")

#: The topic of hints: something in the worklist has changed.
WORKITEMS = "workitems"

#: Any number, as long as nobody else locks the same.
_WORKLIST = 0x5550


def change(work: Callable[[], Result], *, alone: bool = False) -> Result:
    """Run the work in one transaction; again when it met another one. Not to be called inside another one.

    Args:
        alone: no other change is under way meanwhile.
    """
    return write(partial(_locked, work, alone=alone))


def _locked(work: Callable[[], Result], *, alone: bool) -> Result:
    if connection.vendor == "postgresql":  # SQLite has one writer at a time
        function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_WORKLIST])
    hint_on_commit(WORKITEMS)
    return work()
