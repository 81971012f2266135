"""A real archive for tests: `manage.py serve` in its own process, with its own data, on a free port."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import requests

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


class LiveArchive:
    """One server process over one data folder; it can be killed and started again.

    Args:
        environment: settings on top of the defaults; the data folder and the port are set here.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = _free_port()
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/dicom-web"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARCHIVE_", "DATABASE_", "REDIS_"))}
        self._environment = {
            **kept,
            "ARCHIVE_DATA_DIR": str(folder / "data"),
            "ARCHIVE_PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process, "the archive has not been started"
        return self._process.pid

    @property
    def output(self) -> str:
        """What it has printed and logged since it was first started."""
        return self._log.read_text()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=PROJECT, env=self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the archive did not start:\n{self.output}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.root}/healthz", timeout=5).status_code == 200
        return False

    def manage(self, *arguments: str) -> str:
        """Run another of its commands over the same data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env=self._environment, capture_output=True, text=True, check=True, timeout=300,
        )  # fmt: skip
        return done.stdout

    def token(self) -> str:
        """The API token that the first start printed."""
        found = re.search(r"API token\s+(\S+)", self.output)
        assert found, f"no token in:\n{self.output}"
        return found[1]

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator does."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(40)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def live_archive(folder: Path, **environment: str) -> Iterator[LiveArchive]:
    """A started archive, stopped at the end."""
    archive = LiveArchive(folder, **environment)
    archive.start()
    try:
        yield archive
    finally:
        archive.stop()
