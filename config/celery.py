"""Background work: the Celery application. `manage.py work` and `manage.py beat` run it, `manage.py serve` both.

Tasks take primary keys and UIDs, never values of data sets: arguments are stored by the broker and may be logged.
"""

from typing import Any, ClassVar

import celery
from celery.signals import setup_logging
from django.db import InterfaceError, OperationalError


class Task(celery.Task):
    """What every task is: tried again, later and later, when something that it needs is away."""

    autoretry_for: ClassVar = (OperationalError, InterfaceError, OSError)
    retry_backoff: ClassVar = True
    retry_backoff_max: ClassVar = 300
    retry_jitter: ClassVar = True
    max_retries: ClassVar = 10


app = celery.Celery("archive", task_cls=Task)
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()


@setup_logging.connect
def leave_logging_alone(**options: Any) -> None:
    """That somebody listens keeps Celery from setting up logs: Django has done so."""
