"""Rows by plain SQL, for the hot paths: there Django's query compiler would cost several times what the database does.

What a model says still holds: its columns, its defaults, its times of creation and change.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Field, Model
from django.utils import timezone

#: What every database takes in one statement.
MOST_PARAMETERS = 900

Row = Mapping[str, Any]


def select(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a SELECT. A tuple among the parameters fills the brackets of an `IN %s`."""
    with connection.cursor() as cursor:
        cursor.execute(*_flat(sql, parameters))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


#: Each step finds the next value in an index that begins with the column.
_DISTINCT = """
WITH RECURSIVE found(value) AS (
    SELECT (SELECT min({column}) FROM {table} WHERE {where})
    UNION ALL
    SELECT (SELECT min({column}) FROM {table} WHERE {where} AND {column} > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""


def distinct(
    model: type[Model], column: str, most: int, *, where: str = "TRUE", parameters: Sequence[Any] = ()
) -> list[str]:
    """The values of a column in their order, up to so many. An index is skipped through, so that not all rows are read.

    Args:
        where: a condition on the rows, which the index has to serve as well.
    """
    sql = _DISTINCT.format(column=column, table=model._meta.db_table, where=where)
    return [value for (value,) in select(sql, *parameters, *parameters, most)]


def execute(sql: str, *parameters: Any) -> int:
    """Run a statement that gives no rows, with parameters as those of `select`. Returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(*_flat(sql, parameters))
        return int(cursor.rowcount)


def select_for_update(sql: str, *parameters: Any, no_key: bool = False) -> list[tuple[Any, ...]]:
    """As `select`; the rows stay locked until the transaction ends, where the database locks rows.

    Args:
        no_key: they will not be deleted, so that rows which refer to them can be inserted meanwhile.
    """
    locking = "FOR NO KEY UPDATE" if no_key and connection.features.has_select_for_no_key_update else "FOR UPDATE"
    return select(f"{sql} {locking}" if connection.features.has_select_for_update else sql, *parameters)


def insert(model: type[Model], rows: Sequence[Row]) -> list[int]:
    """Insert rows of this model, by the names of its attributes. Returns their primary keys in order."""
    fields = _fields(model)
    step = max(1, MOST_PARAMETERS // len(fields))
    keys: list[int] = []
    present = now()
    with connection.cursor() as cursor:
        for start in range(0, len(rows), step):
            batch = rows[start : start + step]
            cursor.execute(
                _insert_sql(model, len(batch)), [value for row in batch for value in _values(fields, row, present)]
            )
            keys += [key for (key,) in cursor.fetchall()]
    return keys


def add(model: type[Model], pk: int, amounts: Mapping[str, int], **values: Any) -> None:
    """Add amounts to columns of one row, and set other columns of it."""
    columns = [f"{name} = {name} + %s" for name in amounts] + [f"{name} = %s" for name in values]
    sql = f"UPDATE {model._meta.db_table} SET {', '.join(columns)}, updated_at = %s WHERE id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*amounts.values(), *values.values(), now(), pk])


def update(model: type[Model], pk: int, **values: Any) -> None:
    """Set columns of one row."""
    add(model, pk, {}, **values)


def _fields(model: type[Model]) -> tuple["Field[Any, Any]", ...]:
    return tuple(field for field in model._meta.concrete_fields if field is not model._meta.auto_field)


@cache
def _insert_sql(model: type[Model], rows: int) -> str:
    fields = _fields(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join([f"({_marks(len(fields))})"] * rows)
    key = model._meta.pk.column
    return f'INSERT INTO {model._meta.db_table} ({columns}) VALUES {values} RETURNING "{key}"'  # noqa: S608


def _flat(sql: str, parameters: Iterable[Any]) -> tuple[str, list[Any]]:
    """The same statement with one parameter for each value of a tuple."""
    flat: list[Any] = []
    marks = []
    for parameter in parameters:
        values = parameter if isinstance(parameter, tuple) else (parameter,)
        marks.append(f"({_marks(len(values))})" if isinstance(parameter, tuple) else "%s")
        flat += values
    return sql % tuple(marks), flat


def _marks(number: int) -> str:
    return ", ".join(["%s"] * number)


def _values(fields: Iterable["Field[Any, Any]"], row: Row, present: Any) -> list[Any]:
    values = []
    for field in fields:
        if isinstance(field, DateTimeField) and not field.null:
            values.append(present)
        elif field.attname not in row:
            values.append(field.get_default())
        else:
            values.append(row[field.attname])
    return values


def now() -> Any:
    """The present time, as a parameter of a statement."""
    return moment(timezone.now())


def moment(time: datetime) -> Any:
    """A time, as a parameter of a statement."""
    return connection.ops.adapt_datetimefield_value(time)
