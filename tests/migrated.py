"""Databases with all tables and nothing in them, for archives of tests to begin with: to migrate takes a while.

Each process that runs tests migrates once.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.project import PROJECT, environment_with

_folder = TemporaryDirectory(prefix="archive-migrated-")


def sqlite_database(path: Path) -> None:
    """Make a migrated SQLite database at this path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    copyfile(_migrated_file(), path)


def postgres_database(server: str, name: str) -> str:
    """Make a migrated PostgreSQL database of this name; returns its address.

    Args:
        server: the address of a database whose user may create others.
    """
    return _create(server, name, template=_migrated_template(server))


@cache
def _migrated_file() -> Path:
    _migrate({"ARCHIVE_DATA_DIR": _folder.name})
    return Path(_folder.name) / "archive.sqlite3"


@cache
def _migrated_template(server: str) -> str:
    name = f"migrated-{uuid4().hex}"
    _migrate({"ARCHIVE_DATA_DIR": _folder.name, "DATABASE_URL": _create(server, name, template="template0")})
    return name


def _create(server: str, name: str, *, template: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _migrate(settings: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=PROJECT, env=environment_with(settings), check=True)
