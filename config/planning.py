"""What PostgreSQL is told about the machine, since it asks nobody: for every connection."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

#: What a page costs that is not the next one. PostgreSQL's 4 stands for disks that turn, where a million rows one after
#: the other are read sooner than twenty thousand here and there.
RANDOM_PAGE_COST = 1.1


def tell_planner(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    """For `connection_created`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('random_page_cost', %s, false)", [str(RANDOM_PAGE_COST)])
