"""A real archive for tests: `manage.py serve` in its own process, with its own data, on a free port."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import randrange
from urllib.parse import urlsplit

import requests
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

from archive.storage import BlobStore
from archive.storage.filesystem import FilesystemStore
from archive.storage.s3 import S3Store
from archive.storage.s3_options import s3_options
from tests import migrated
from tests.builders import multipart
from tests.project import PROJECT, environment_with
from tests.servers import REDIS_DATABASES, create_bucket, free_port

START_SECONDS = 60
STOP_SECONDS = 40


class LiveArchive:
    """One server process over one data folder; it can be killed and started again.

    Args:
        folder: for its data and its log.
        environment: settings on top of the defaults, among them where its database and blobs are.
        background: with a worker and its clock.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], *, background: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/dicom-web"
        self._own_settings = environment
        self._options = [] if background else ["--web-only"]
        self.environment = environment_with(
            {
                "ARCHIVE_DATA_DIR": str(folder / "data"),
                "ARCHIVE_PORT": str(self.port),
                "PYTHONUNBUFFERED": "1",
                **environment,
            }
        )
        self._log = folder / f"log-{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    # -- the process -------------------------------------------------------------

    @property
    def pid(self) -> int:
        assert self._process, "the archive has not been started"
        return self._process.pid

    @property
    def output(self) -> str:
        """What it has printed and logged since it was first started."""
        return self._log.read_text()

    def start(self, *arguments: str) -> None:
        """Start it, and wait until it answers. From the main thread: it ends when the thread that started it does."""
        command = [*_ends_with_us(), sys.executable, "manage.py", "serve", *self._options, *arguments]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=PROJECT, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the archive did not start:\n{self.output}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        with contextlib.suppress(requests.ConnectionError), _direct_session() as session:
            return session.get(f"{self.root}/healthz", timeout=5).status_code == 200
        return False

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
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def manage(self, *arguments: str) -> str:
        """Run another of its commands over the same data; returns what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, check=True, timeout=300
        )
        return done.stdout

    def beside(self) -> "LiveArchive":
        """Another server process, on another port, over the same database and blobs."""
        return LiveArchive(self.folder, self._own_settings)

    # -- its clients -------------------------------------------------------------

    def token(self) -> str:
        """The API token that the first start printed."""
        found = re.search(r"API token\s+(\S+)", self.output)
        assert found, f"no token in:\n{self.output}"
        return found[1]

    def session(self) -> requests.Session:
        """A client that is signed in with the first token."""
        session = _direct_session()
        session.headers["Authorization"] = f"Token {self.token()}"
        return session

    def store(self, *objects: bytes) -> requests.Response:
        """Store the objects in one request."""
        body, content_type = multipart(objects)
        with self.session() as session:
            return session.post(f"{self.url}/studies", data=body, headers={"Content-Type": content_type}, timeout=60)

    # -- behind its back ---------------------------------------------------------

    @property
    def incoming(self) -> list[Path]:
        """The files of objects that are on their way in."""
        return list((self.folder / "data" / "incoming").iterdir())

    def blobs(self) -> BlobStore:
        """Where it keeps its blobs."""
        bucket = self.environment.get("ARCHIVE_S3_BUCKET")
        if bucket:
            return S3Store(S3Storage(**s3_options(bucket, self.environment["ARCHIVE_S3_ENDPOINT_URL"])))
        return FilesystemStore(FileSystemStorage(location=self.folder / "data" / "blobs"))

    def blob_keys(self) -> set[str]:
        return {blob.key for blob in self.blobs().listing()}

    def blob_of(self, content: bytes) -> str:
        """The key of the blob with this content."""
        blobs = self.blobs()
        candidates = (blob.key for blob in blobs.listing() if blob.size == len(content))
        return next(key for key in candidates if b"".join(blobs.read(key)) == content)


@contextlib.contextmanager
def live_archive(
    folder: Path, *, embedded: bool = False, background: bool = False, **environment: str
) -> Iterator[LiveArchive]:
    """A started archive, stopped at the end, over backends of the kind that the test run is about.

    Its database has its tables already, but for one that `environment` names.

    Args:
        embedded: over SQLite and files in any case.
        background: with a worker and its clock.
        environment: its settings.
    """
    server = os.environ.get("DATABASE_URL")
    backends = {} if embedded or server is None else _own_backends(server)
    archive = LiveArchive(folder, backends | environment, background=background)
    if "DATABASE_URL" not in archive.environment:
        migrated.sqlite_database(folder / "data" / "archive.sqlite3")
    with running(archive):
        yield archive


@contextlib.contextmanager
def running(archive: LiveArchive) -> Iterator[LiveArchive]:
    """The archive, started; stopped at the end."""
    archive.start()
    try:
        yield archive
    finally:
        archive.stop()


def _own_backends(server: str) -> dict[str, str]:
    """Databases and a bucket of its own on the servers that the test run has, that of PostgreSQL with its tables."""
    name = f"live-{uuid.uuid4().hex}"
    endpoint = os.environ["ARCHIVE_S3_ENDPOINT_URL"]
    create_bucket(endpoint, name)
    return {
        "DATABASE_URL": migrated.postgres_database(server, name),
        "ARCHIVE_S3_ENDPOINT_URL": endpoint,
        "ARCHIVE_S3_BUCKET": name,
        # The first ones are those of the processes that run tests.
        "REDIS_URL": urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{randrange(100, REDIS_DATABASES)}").geturl(),
    }


def _ends_with_us() -> Iterable[str]:
    """The beginning of a command whose process is killed when the test run ends without stopping it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig=KILL"] if setpriv else []


def _direct_session() -> requests.Session:
    """A session that knows nothing of proxies and passwords of whoever runs the tests."""
    session = requests.Session()
    session.trust_env = False
    return session
