"""Queries that are given up when they take too long: what comes instead is said to be less."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import OperationalError, connection, transaction

#: Steps of SQLite's machine between two looks at the clock: a millisecond or less.
STEPS = 10_000


class TookTooLong(Exception):
    """A statement was given up."""


@contextmanager
def patience(milliseconds: int) -> Iterator[None]:
    """Each statement within may take so long.

    Raises:
        TookTooLong
    """
    limited = _limited_in_postgresql if connection.vendor == "postgresql" else _limited_in_sqlite
    with limited(milliseconds):
        yield


@contextmanager
def _limited_in_postgresql(milliseconds: int) -> Iterator[None]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")  # for those around, where this is no transaction
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TookTooLong from error
        raise


@contextmanager
def _limited_in_sqlite(milliseconds: int) -> Iterator[None]:
    connection.ensure_connection()
    end = time.monotonic() + milliseconds / 1000
    connection.connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    except OperationalError as error:
        if str(error) == "interrupted":
            raise TookTooLong from error
        raise
    finally:
        connection.connection.set_progress_handler(None, 0)
