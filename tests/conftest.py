"""What every test can rely on: a database of its worker's own, and blob stores that start empty."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import override_settings

from archive import derivation_messages
from archive.audit import trail as audit_trail
from archive.models import AuditEvent
from archive.selectors import study_list
from archive.storage import blobs, derived_blobs
from config.sign_in import wrong_passwords
from config.static_files import StaticFilesMiddleware
from workflow.selectors import worklist

# Tests share few cores: how long one example takes says nothing.
hypothesis.settings.register_profile("unhurried", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("unhurried")

GROUPS_ARE_MADE_BY = (
    ("archive.migrations.0002_groups", "create_groups"),
    ("workflow.migrations.0002_groups", "create_groups"),
    ("archive.migrations.0019_sending", "give_permissions"),
)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as the archive runs: threads and further processes must see what a test stores."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(settings.ARCHIVE_DATA_DIR / "test.sqlite3")


@pytest.fixture(autouse=True, scope="session")
def _groups_stay() -> Iterator[None]:
    """A test that flushes the database takes away the groups that the migrations made: they are made again."""

    def make(**of_signal: Any) -> None:
        for migration, function in GROUPS_ARE_MADE_BY:
            getattr(import_module(migration), function)(apps, connection.schema_editor())

    post_migrate.connect(make, sender=apps.get_app_config("workflow"))
    yield
    post_migrate.disconnect(make, sender=apps.get_app_config("workflow"))


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


@pytest.fixture(autouse=True)
def _empty_blob_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database forgets what a test stored; so do the blob stores."""
    yield
    if "django_db" in request.keywords or {"db", "transactional_db"} & set(request.fixturenames):
        for store in (blobs(), derived_blobs()):
            for blob in list(store.listing()):
                store.delete(blob.key)
