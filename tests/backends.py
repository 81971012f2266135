"""Where a test run keeps its data: `--backends=embedded` (SQLite, files) or `--backends=hospital` (PostgreSQL, S3,
Redis).

Loaded with `-p` in pyproject.toml, because Django's settings are read before any conftest.py is. The process that was
started by hand prepares everything; workers of pytest-xdist inherit its environment and step aside from each other.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers import S3_CREDENTIALS, create_bucket, start_postgres, start_redis, start_s3

EMBEDDED, HOSPITAL = "embedded", "hospital"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backends",
        choices=(EMBEDDED, HOSPITAL),
        default=EMBEDDED,
        help="embedded: SQLite and files (default). hospital: PostgreSQL, S3 and Redis, started for the run",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _prepare_run(early_config)
    else:
        _prepare_worker(worker)


def pytest_report_header(config: pytest.Config) -> str:
    return f"backends: {config.getoption('backends')}, data in {os.environ['ARCHIVE_DATA_DIR']}"


def _prepare_run(config: pytest.Config) -> None:
    # What a developer's shell exports for an archive of their own is not for the tests.
    for name in list(os.environ):
        if name.startswith(("ARCHIVE_", "AWS_")) or name in {"DATABASE_URL", "REDIS_URL"}:
            del os.environ[name]
    temporary = TemporaryDirectory(prefix="archive-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(temporary.cleanup)
    folder = Path(temporary.name)
    os.environ["ARCHIVE_DATA_DIR"] = str(folder / "data")
    if config.known_args_namespace.backends == HOSPITAL:
        _start_servers(config, folder / "servers")


def _start_servers(config: pytest.Config, folder: Path) -> None:
    postgres = start_postgres(folder)
    config.add_cleanup(postgres.stop)
    s3 = start_s3(folder)
    config.add_cleanup(s3.stop)
    redis = start_redis(folder)
    config.add_cleanup(redis.stop)
    os.environ |= S3_CREDENTIALS | {
        "DATABASE_URL": postgres.url,
        "ARCHIVE_S3_ENDPOINT_URL": s3.endpoint_url,
        "ARCHIVE_S3_BUCKET": s3.bucket,
        "REDIS_URL": redis.url,
    }


def _prepare_worker(worker: str) -> None:
    """Data folder, bucket and Redis database of the worker's own; pytest-django gives it a database of its own."""
    os.environ["ARCHIVE_DATA_DIR"] += f"-{worker}"
    if "ARCHIVE_S3_BUCKET" in os.environ:
        os.environ["ARCHIVE_S3_BUCKET"] += f"-{worker}"
        create_bucket(os.environ["ARCHIVE_S3_ENDPOINT_URL"], os.environ["ARCHIVE_S3_BUCKET"])
    if "REDIS_URL" in os.environ:
        os.environ["REDIS_URL"] += f"/{int(worker.removeprefix('gw')) + 1}"
