"""Wildcard matching (PS3.4 Section C.2.2.2.4) in SQL: `field__wildcard="DOE*"`.

It is case-sensitive, only `*` and `?` have a meaning, and an index serves a pattern that begins with a text.
"""

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup

_STARS = re.compile(r"\*+")


@CharField.register_lookup
class DicomWildcard(Lookup):
    lookup_name = "wildcard"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """LIKE, which tells upper from lower case in PostgreSQL."""
        return self._compare(compiler, connection, "LIKE", like_pattern(self.rhs))

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """GLOB, because LIKE does not tell upper from lower case in SQLite."""
        return self._compare(compiler, connection, "GLOB", glob_pattern(self.rhs))

    def _compare(
        self, compiler: Any, connection: BaseDatabaseWrapper, operator: str, pattern: str
    ) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} {operator} %s", (*parameters, pattern)


def like_pattern(wildcard: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", wildcard)
    return _STARS.sub("%", escaped).replace("?", "_")


def glob_pattern(wildcard: str) -> str:
    return _STARS.sub("*", wildcard).replace("[", "[[]")
