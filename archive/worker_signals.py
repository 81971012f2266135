"""What workers write down for the dashboard: that they are there, and which tasks have failed.

Nothing depends on it: where the database is away, it is left out.
"""

import logging
import os
import threading
from typing import Any

from celery.signals import task_failure, task_success, worker_process_shutdown, worker_ready, worker_shutdown
from django.db import DatabaseError, connection

from archive.audit import trail
from archive.services import failed_tasks, workers

log = logging.getLogger(__name__)

_stopping = threading.Event()


@task_failure.connect
def note_failure(sender: Any, args: Any, exception: BaseException, **others: Any) -> None:
    try:
        failed_tasks.note(sender.name, args, exception)
    except DatabaseError as error:
        log.warning("that %s has failed could not be written down: %s", sender.name, type(error).__name__)


@task_success.connect
def forget_failure(sender: Any, **others: Any) -> None:
    try:
        failed_tasks.forget(sender.name, sender.request.args or ())
    except DatabaseError as error:
        log.warning("that %s has been done could not be written down: %s", sender.name, type(error).__name__)


@worker_ready.connect
def say_that_it_is_there(sender: Any, **others: Any) -> None:
    threading.Thread(target=_say_so, args=[_name(sender)], name="worker-seen", daemon=True).start()


@worker_shutdown.connect
def say_that_it_stops(sender: Any, **others: Any) -> None:
    _stopping.set()
    try:
        workers.gone(_name(sender))
    except DatabaseError as error:
        log.warning("that a worker stops could not be written down: %s", type(error).__name__)


@worker_process_shutdown.connect
def write_the_trail(**others: Any) -> None:
    """Such a process ends at once afterwards."""
    trail.flush()


def _say_so(name: str) -> None:
    while True:
        try:
            workers.seen(name)
        except DatabaseError as error:
            log.warning("that a worker is there could not be written down: %s", type(error).__name__)
        finally:
            connection.close()
        if _stopping.wait(workers.EVERY):
            return


def _name(worker: Any) -> str:
    """Several workers of one machine have the same name for Celery."""
    return f"{worker.hostname.partition('@')[2] or worker.hostname} {os.getpid()}"
