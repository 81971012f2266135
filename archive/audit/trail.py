"""The trail of this process: counted in memory, and written about once a second by a thread of its own.

To note something takes microseconds and never fails, whatever becomes of the database: nobody waits for the trail. A
process that is killed loses the last second of it.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import Error, close_old_connections
from django.utils import timezone

from archive.audit import event_rows
from archive.audit.acting import actor
from archive.audit.event_rows import Event, Times
from archive.audit.events import Action
from archive.dicom.uids import is_tolerable_uid

log = logging.getLogger(__name__)

EVERY_SECONDS = 1
#: After the database was away.
PAUSE_SECONDS = 10
#: So many different events wait to be written. More of them are lost, and the log says how many.
MOST_WAITING = 50_000


def note(action: Action, *studies: str, succeeded: bool = True, subject: str = "", person: str | None = None) -> None:
    """Note that who acts now has done something.

    Args:
        studies: the Study Instance UIDs that it was done with; what is no UID is left out.
        subject: what else it was done with: UIDs and names of accounts, nothing of patients.
        person: who it was, where the request does not know that.
    """
    who, now = actor(), timezone.now()
    done = (
        action.value,
        succeeded,
        who.person if person is None else person,
        who.credential,
        who.address,
        who.way.value,
    )
    for study in studies or ("",):
        uid = study if is_tolerable_uid(study) else ""
        _trail.add(Event.fitting(*done, uid, subject), now)


def flush() -> bool:
    """Write what waits now; whether that went well."""
    return _trail.flush()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is not written yet: of each event and hour, how often it was and when."""

    times: dict[tuple[datetime, Event], Times]

    def add(self, hour: datetime, event: Event, times: Times) -> bool:
        """Whether there was room for it."""
        known = self.times.get((hour, event))
        if known is None and len(self.times) >= MOST_WAITING:
            return False
        self.times[hour, event] = known.joined(times) if known else times
        return True


class _Trail:
    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: what a process has that was forked is written by the one that it came from."""
        self._something = threading.Event()
        self._thread: threading.Thread | None = None
        self._writing = threading.Lock()
        self._changing = threading.Lock()
        # Guarded by `_changing`.
        self._waiting = _Waiting({})
        self._lost = 0
        self._away = False

    def add(self, event: Event, now: datetime) -> None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._changing:
            if not self._waiting.add(hour, event, Times(1, now, now)):
                self._lost += 1
        if not self._something.is_set():
            self._something.set()
            self.start()

    def start(self) -> None:
        with self._changing:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="audit-trail", daemon=True)
                self._thread.start()
                atexit.register(self.flush)

    def _run(self) -> None:
        while True:
            self._something.wait()
            self._something.clear()
            time.sleep(EVERY_SECONDS)
            close_old_connections()
            if not self.flush():
                time.sleep(PAUSE_SECONDS)
                self._something.set()

    def flush(self) -> bool:
        with self._writing:
            with self._changing:
                taken, self._waiting = self._waiting, _Waiting({})
                lost, self._lost = self._lost, 0
            if lost:
                log.error("%d events are missing in the audit trail: too many were waiting to be written", lost)
            try:
                event_rows.write(taken.times)
            except Error as error:
                self._put_back(taken.times, error)
                return False
            self._away = False
            return True

    def _put_back(self, times: Mapping[tuple[datetime, Event], Times], error: Exception) -> None:
        if not self._away:
            log.error("the audit trail is written later: the database cannot be reached (%s)", type(error).__name__)
        self._away = True
        with self._changing:
            for (hour, event), counted in times.items():
                if not self._waiting.add(hour, event, counted):
                    self._lost += counted.number


_trail = _Trail()
os.register_at_fork(after_in_child=_trail.forget)
