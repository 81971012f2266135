"""`manage.py serve`: update the database, make the first sign-in, serve HTTP and WebSocket on one port, with a worker
and its clock beside.
"""

import logging
import secrets
import signal
from typing import Any, NoReturn

import uvicorn
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from knox.models import AuthToken

from archive.services.spool import remove_abandoned
from dicomweb.management.companions import companions
from workflow.event_reports import RESTARTED
from workflow.services.scp_status import announce

log = logging.getLogger(__name__)

FIRST_ADMIN = "admin"

#: Commands that do the background work.
COMPANIONS = ("work", "beat")

WELCOME = """
  First start: an administrator was created. This is shown only once.

    sign-in    {user}
    password   {password}
    API token  {token}        (Authorization: Token {token})
"""


class Command(BaseCommand):
    help = "Serve the archive. Migrates the database and, on the first start, creates an administrator and a token."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=1, help="server processes (default: 1)")
        parser.add_argument("--web-only", action="store_true", help="leave background work to `work` and `beat`")

    def handle(self, *args: Any, workers: int, web_only: bool, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        remove_abandoned()
        self._create_first_admin()
        announce(RESTARTED)
        url = f"http://{settings.ARCHIVE_HOST}:{settings.ARCHIVE_PORT}/"
        self.stdout.write(f"The archive is at {url} (Ctrl-C stops it)")
        self.stdout.flush()
        # uvicorn leaves by the signal that has stopped it: by this way the companions are stopped too.
        signal.signal(signal.SIGTERM, _leave)
        with companions(() if web_only else COMPANIONS, log.error):
            self._serve(workers)

    def _serve(self, workers: int) -> None:
        uvicorn.run(
            "config.asgi:application",
            host=settings.ARCHIVE_HOST,
            port=settings.ARCHIVE_PORT,
            workers=workers,
            http=import_string("config.head_limit.LimitedHead"),
            ws=import_string("config.websocket.EventChannelProtocol"),
            ws_max_size=1 << 16,  # what clients write into event channels is ignored
            ws_per_message_deflate=False,  # event reports are small
            log_config=None,
            access_log=False,  # queries name patients
            proxy_headers=False,  # config.proxies does it, for trusted proxies only
            server_header=False,
            lifespan="on",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=30,
        )

    def _create_first_admin(self) -> None:
        """The first administrator, where there is none; of several processes that start at once, one creates it."""
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(12)
        try:
            with transaction.atomic():
                admin = users.create_superuser(FIRST_ADMIN, password=password)
                _, token = AuthToken.objects.create(admin)
        except IntegrityError:
            self.stdout.write(
                f"There is a user {FIRST_ADMIN} already; `manage.py createsuperuser` makes administrators."
            )
            return
        self.stdout.write(WELCOME.format(user=FIRST_ADMIN, password=password, token=token))


def _leave(*signal_and_frame: object) -> NoReturn:
    raise SystemExit(0)
