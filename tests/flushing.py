"""After a test that commits, the database is as the migrations left it, in little time.

Django's way takes longer than most tests: PostgreSQL makes new files for each table and index that it truncates, and
content types and permissions are worked out anew, but no groups.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.core.management.commands import flush
from django.db import connection
from django.db.models import Model

Rows = Mapping[type[Model], Sequence[Model]]

MADE_BY_MIGRATIONS: tuple[type[Model], ...] = (ContentType, Permission, Group, Group.permissions.through)


def rows_of_migrations() -> Rows:
    """The rows of a database that has no others."""
    return {model: list(model._default_manager.all()) for model in MADE_BY_MIGRATIONS}


@contextmanager
def quick_flush(rows: Rows) -> Iterator[None]:
    """While it lasts, to flush the database leaves these rows."""

    def put_back(*of_signal: Any) -> None:
        for model, made in rows.items():
            model._default_manager.bulk_create(made)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(rows)):
                cursor.execute(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", put_back)
        if connection.vendor == "postgresql":
            patch.setattr(connection.ops, "sql_flush", _rows_deleted)
        yield


def _rows_deleted(style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """Statements of one transaction; in it, no foreign key is looked at."""
    deletions = (f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)
    return ["SET LOCAL session_replication_role = replica", "; ".join(deletions)]
