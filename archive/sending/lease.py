"""Word, again and again, that something is still being worked on."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

EVERY_SECONDS = 15


@contextmanager
def kept(keep: Callable[[], None]) -> Iterator[None]:
    """Call `keep` now and then, from another thread, until the work has come to its end."""
    ended = threading.Event()
    thread = threading.Thread(target=_keep, args=[keep, ended], name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _keep(keep: Callable[[], None], ended: threading.Event) -> None:
    try:
        while not ended.wait(EVERY_SECONDS):
            try:
                keep()
            except DatabaseError as error:
                log.warning("that an order is being sent could not be written down: %s", type(error).__name__)
    finally:
        connection.close()
