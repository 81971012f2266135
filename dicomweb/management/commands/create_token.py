"""`manage.py create_token USER`: an API token for a gateway, a service or a person."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken


class Command(BaseCommand):
    help = "Create an API token that stands for a user, and print it. It is kept as a digest: nobody can read it again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--days", type=int, help="how long it is good for (default: until it is deleted)")

    def handle(self, *args: Any, user: str, days: int | None, **options: Any) -> None:
        users = get_user_model()
        owner = users._default_manager.filter(**{users.USERNAME_FIELD: user}).first()
        if owner is None:
            raise CommandError(f"There is no user {user}.")
        _, token = AuthToken.objects.create(owner, expiry=timedelta(days=days) if days else None)
        self.stdout.write(token)
