"""Workers and clocks beside an archive, killed at any moment, and what its database has to say then."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import psycopg

from tests.live_archive import LiveArchive
from tests.project import PROJECT

SECONDS = 90


@contextlib.contextmanager
def running(archive: LiveArchive, command: str) -> Iterator[psutil.Process]:
    """One of the archive's commands in a process that is killed in the end."""
    arguments = [sys.executable, "manage.py", command, "--with-parent"]
    with (
        (archive.folder / command).open("ab") as log,
        psutil.Popen(
            arguments, cwd=PROJECT, env=archive.environment, stdin=subprocess.PIPE, stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield process
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def kill(worker: psutil.Process, chance: random.Random) -> None:
    """The worker, or one of the processes that do its tasks: it goes on then with another one."""
    victims = [worker, *worker.children()]
    victim = chance.choice(victims)
    with contextlib.suppress(psutil.NoSuchProcess):
        os.kill(victim.pid, signal.SIGKILL)
    if victim is not worker:
        time.sleep(chance.uniform(0, 1))


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def rows(archive: LiveArchive, query: str) -> list[tuple]:
    """From the archive's own database."""
    if url := archive.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as database:
            return database.execute(query).fetchall()
    with contextlib.closing(sqlite3.connect(archive.folder / "data" / "archive.sqlite3")) as database:
        return database.execute(query).fetchall()
