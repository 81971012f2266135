"""A database that is locked or away: stores wait or are answered 503, never half done, and all is well afterwards."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests

from tests.builders import instance, part10
from tests.live_archive import LiveArchive, live_archive
from tests.servers import start_postgres


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[LiveArchive]:
    with live_archive(tmp_path, embedded=True) as archive:
        yield archive


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server of our own, which may be sent away."""
    with start_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server.url


@pytest.fixture
def archive(tmp_path: Path, postgres: str) -> Iterator[LiveArchive]:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE archive TEMPLATE template0")
    url = urlsplit(postgres)._replace(path="/archive").geturl()
    with live_archive(tmp_path, embedded=True, DATABASE_URL=url) as archive:
        yield archive


@contextmanager
def away(postgres: str) -> Iterator[None]:
    """The archive's connections are cut and it gets no new ones."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("ALTER DATABASE archive ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'archive'")
        yield
        connection.execute("ALTER DATABASE archive ALLOW_CONNECTIONS true")


def test_a_locked_database_keeps_a_store_waiting_and_readers_served(embedded: LiveArchive) -> None:
    answers: list[requests.Response] = []
    dataset = instance()
    store = threading.Thread(target=lambda: answers.append(embedded.store(part10(dataset))))
    with closing(sqlite3.connect(embedded.folder / "data" / "archive.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store.start()
        with embedded.session() as session:
            for _ in range(20):
                assert session.get(f"{embedded.url}/studies").json() == []
        assert answers == [], "nothing is answered before it is durable"
        other.execute("ROLLBACK")
    store.join()
    assert [answer.status_code for answer in answers] == [200]


def test_while_the_database_is_away_everything_is_answered_503(archive: LiveArchive, postgres: str) -> None:
    """STOW-51, WADO-22, QIDO-93"""
    stored, other = instance(), instance()
    assert archive.store(part10(stored)).status_code == 200
    study = f"{archive.url}/studies/{stored.StudyInstanceUID}"
    with archive.session() as session:
        with away(postgres):
            for url in (f"{archive.url}/studies", study, f"{study}/metadata", f"{archive.root}/readyz"):
                answer = session.get(url)
                assert answer.status_code == 503
                assert "postgres" not in answer.text, "what the database says is not for clients"
            assert archive.store(part10(other)).status_code == 503
            assert session.get(f"{archive.root}/healthz").status_code == 200
        assert session.get(f"{archive.root}/readyz").status_code == 200
        assert session.get(f"{archive.url}/studies/{other.StudyInstanceUID}").status_code == 404
        assert archive.store(part10(other)).status_code == 200
        assert len(session.get(f"{archive.url}/studies").json()) == 2
