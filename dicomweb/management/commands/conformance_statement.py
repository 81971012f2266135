"""`manage.py conformance_statement`: bring the tables of `docs/conformance.md` up to date."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dicomweb import conformance


class Command(BaseCommand):
    help = "Bring the tables of docs/conformance.md up to date with the code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only fail when they are not up to date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = settings.BASE_DIR / conformance.DOCUMENT
        document = path.read_text(encoding="utf-8")
        refreshed = conformance.refreshed(document)
        if check and refreshed != document:
            raise CommandError("docs/conformance.md is not up to date: make conformance")
        path.write_text(refreshed, encoding="utf-8")
