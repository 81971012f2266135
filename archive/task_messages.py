"""Background tasks that have failed, sent once more."""

from collections.abc import Iterable

import orjson
from celery import current_app
from kombu.exceptions import KombuError

from archive.errors import ArchiveError
from archive.models import FailedTask


class BrokerAway(ArchiveError):
    def __init__(self) -> None:
        super().__init__("Background tasks cannot be sent: the broker cannot be reached.")


def retry(failed: Iterable[FailedTask]) -> int:
    """Send these tasks to workers again. Returns how many they were; each stays written down until it succeeds.

    Raises:
        BrokerAway: the rest could not be sent.
    """
    number = 0
    with current_app.connection_for_write() as connection:
        for one in failed:
            try:
                current_app.send_task(one.task, orjson.loads(one.arguments), connection=connection, retry=False)
            except (KombuError, OSError, *connection.connection_errors) as error:
                raise BrokerAway from error
            number += 1
    return number
