"""What every test can rely on: a database of its worker's own, and blob stores that start empty."""

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from archive import derivation_messages
from archive.audit import trail as audit_trail
from archive.models import AuditEvent
from archive.selectors import study_list
from archive.storage import BlobStore, blobs, derived_blobs
from archive.storage.filesystem import FilesystemStore
from archive.storage.s3 import S3Store
from config.sign_in import wrong_passwords
from config.static_files import StaticFilesMiddleware
from tests.flushing import quick_flush, rows_of_migrations
from workflow.selectors import worklist

# Tests share few cores: how long one example takes says nothing.
hypothesis.settings.register_profile("unhurried", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as the archive runs: threads and further processes must see what a test stores."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(settings.ARCHIVE_DATA_DIR / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests that commit leave nothing behind, and take nothing away that migrations made."""
    with django_db_blocker.unblock():
        rows = rows_of_migrations()
    with quick_flush(rows):
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_sign_in() -> Iterator[None]:
    """To check a password may cost as little as it can: what is kept in a test's database is no secret."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_listed_once() -> Iterator[None]:
    """Each client of a test has middleware of its own, which need not go through all folders again."""
    listed: dict[str, dict[str, Any]] = {}
    go_through_folders = StaticFilesMiddleware.add_files_from_finders

    def add_files(middleware: StaticFilesMiddleware) -> None:
        if middleware.static_prefix not in listed:
            go_through_folders(middleware)
            listed[middleware.static_prefix] = dict(middleware.files)
        middleware.files.update(listed[middleware.static_prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_messages() -> Iterator[None]:
    """Workers are told of what is stored in tests that are about that, and nobody else's broker gets messages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derivation_messages._sender, "offer", lambda instances: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _patience() -> Iterator[None]:
    """On cores that are shared, what is quick elsewhere is not given up."""
    with pytest.MonkeyPatch.context() as patch:
        for selector in (study_list, worklist):
            patch.setattr(selector, "PATIENCE", 60_000)
        yield


@pytest.fixture(autouse=True, scope="session")
def _nothing_is_written_by_itself() -> Iterator[None]:
    """The audit trail is written when a test asks for it, and forgets the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_trail._trail, "start", lambda: None)
        yield


@pytest.fixture(autouse=True)
def _no_wrong_passwords() -> None:
    """Those of one test do not count in another."""
    wrong_passwords.forget()


@pytest.fixture
def trail(db: None) -> Callable[..., list[AuditEvent]]:
    """Gives what the audit trail has of this test so far, of all of it or of some."""
    audit_trail._trail.forget()

    def events(**conditions: Any) -> list[AuditEvent]:
        assert audit_trail.flush()
        return list(AuditEvent.objects.filter(**conditions).order_by("id"))

    return events


@pytest.fixture(autouse=True, scope="session")
def _put() -> Iterator[set[str]]:
    """The keys of what has been put into blob stores since they were last emptied."""
    keys: set[str] = set()

    def noted(method: Callable[..., None]) -> Callable[..., None]:
        def put(store: BlobStore, key: str, *content: Any) -> None:
            keys.add(key)
            method(store, key, *content)

        return put

    with pytest.MonkeyPatch.context() as patch:
        for kind in (FilesystemStore, S3Store):
            patch.setattr(kind, "put", noted(kind.put))
            patch.setattr(kind, "adopt", noted(kind.adopt))
        yield keys


@pytest.fixture(autouse=True)
def _empty_blob_stores(_put: set[str]) -> Iterator[None]:
    """The database forgets what a test stored; so do the blob stores."""
    yield
    if _put:
        for store in (blobs(), derived_blobs()):
            for blob in list(store.listing()):
                store.delete(blob.key)
        _put.clear()
