"""`manage.py beat`: the clock of background work."""

import signal
from argparse import SUPPRESS
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand, CommandParser

from dicomweb.management.parent import end_with_parent


class Command(BaseCommand):
    help = "Send the tasks that are due at their times, until it is stopped. One is enough; `serve` starts it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, with_parent: bool, **options: Any) -> None:
        if with_parent:
            end_with_parent(signal.SIGTERM)
        current_app.Beat(quiet=True).run()
