"""The probes of orchestrators."""

import pytest
from django.db import OperationalError, connection

from archive.storage import blobs
from archive.storage.errors import StorageUnavailable


def test_a_process_that_answers_is_alive_without_a_database(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_an_archive_with_database_and_storage_is_ready(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.django_db
def test_an_archive_without_its_storage_is_not_ready(client, monkeypatch):
    def unavailable() -> None:
        raise StorageUnavailable("The disk is gone.")

    with monkeypatch.context() as patched:
        patched.setattr(blobs(), "check", unavailable)
        response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"status": "not ready", "storage": "unavailable"})


@pytest.mark.django_db
def test_an_archive_without_its_database_is_not_ready(client, monkeypatch):
    def unavailable() -> None:
        raise OperationalError("The server is gone.")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", unavailable)
        response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"status": "not ready", "database": "unavailable"})
