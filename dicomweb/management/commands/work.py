"""`manage.py work`: a worker for background tasks."""

import signal
import warnings
from argparse import SUPPRESS
from typing import Any

from celery import current_app
from celery.platforms import SecurityWarning
from django.core.management.base import BaseCommand, CommandParser

from dicomweb.management.parent import end_with_parent


class Command(BaseCommand):
    help = "Do background work, until it is stopped. Any number of workers may run; `serve` starts one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, with_parent: bool, **options: Any) -> None:
        if with_parent:
            end_with_parent(signal.SIGQUIT)  # at once: what it was doing is done again
        # It warns of messages that run as code when root reads them; those of the archive are JSON.
        warnings.simplefilter("ignore", SecurityWarning)
        worker = current_app.Worker(
            quiet=True, without_gossip=True, without_mingle=True, without_heartbeat=True, optimization="fair"
        )
        worker.start()
        raise SystemExit(worker.exitcode)
