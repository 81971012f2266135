"""The project as tests start its commands: where it is, and in which environment they run."""

import os
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

#: Settings of whoever runs the tests, and those of the test run itself, are not for the archives that tests start.
FOREIGN = ("ARCHIVE_", "DATABASE_", "DJANGO_", "REDIS_")


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    """Our environment, with these settings of the archive alone."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return ours | dict(settings)
