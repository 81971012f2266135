"""Events as rows: one for each event and hour, which counts how often it was."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from archive import rows
from archive.models import AuditEvent
from archive.transactions import write as in_transaction


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody has done, by the names of the columns."""

    action: str
    succeeded: bool
    person: str
    credential: str
    address: str
    way: str
    study_instance_uid: str
    subject: str

    @classmethod
    def fitting(cls, *values: Any) -> "Event":
        """Of these values, as much as there is room for: what cannot be written would keep all else from it."""
        return cls(*(value[:longest] if longest else value for value, longest in zip(values, _LONGEST, strict=True)))


@dataclass(frozen=True, slots=True)
class Times:
    """How often it was, first and last."""

    number: int
    first: datetime
    last: datetime

    def joined(self, other: "Times") -> "Times":
        return Times(self.number + other.number, min(self.first, other.first), max(self.last, other.last))


_ROOM = {field.name: field.max_length for field in AuditEvent._meta.concrete_fields}
_LONGEST = [_ROOM[name] for name in Event.__slots__]
_KEY = ("hour", *Event.__slots__)
_COLUMNS = (*_KEY, "times", "first_at", "last_at")
_TABLE = AuditEvent._meta.db_table
_ROW = f"({', '.join(['%s'] * len(_COLUMNS))})"
_BATCH = rows.MOST_PARAMETERS // len(_COLUMNS)


def write(times: Mapping[tuple[datetime, Event], Times]) -> None:
    """Add to the rows of these events; in one order, so that processes never wait for each other in a circle."""
    lines = sorted(((hour, *astuple(event)), counted) for (hour, event), counted in times.items())
    if lines:
        in_transaction(partial(_write, lines))


def _write(lines: Sequence[tuple[tuple[Any, ...], Times]]) -> None:
    for start in range(0, len(lines), _BATCH):
        batch = lines[start : start + _BATCH]
        parameters = [value for line in batch for value in _values(*line)]
        rows.execute(_sql(len(batch)), *parameters)


def _values(key: tuple[Any, ...], counted: Times) -> tuple[Any, ...]:
    hour, *others = key
    return rows.moment(hour), *others, counted.number, rows.moment(counted.first), rows.moment(counted.last)


def _sql(number: int) -> str:
    new, old = "excluded", _TABLE
    return (
        f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) VALUES {', '.join([_ROW] * number)}"  # noqa: S608
        f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET times = {old}.times + {new}.times,"
        f" first_at = CASE WHEN {new}.first_at < {old}.first_at THEN {new}.first_at ELSE {old}.first_at END,"
        f" last_at = CASE WHEN {new}.last_at > {old}.last_at THEN {new}.last_at ELSE {old}.last_at END"
    )
