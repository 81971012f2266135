"""Background tasks that have failed: written down until they succeed, or somebody has them tried again."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db.models import F
from django.utils import timezone

from archive.errors import ArchiveError
from archive.fields import TEXT_LENGTH
from archive.models import FailedTask

#: Longer arguments are not kept: no task has them.
MOST_CHARACTERS = 1000


def note(task: str, arguments: Sequence[Any], error: BaseException) -> None:
    """A task has failed. Of other errors than the archive's own only the kind is kept: they may repeat values."""
    written = _written(arguments)
    if len(written) > MOST_CHARACTERS:
        return
    kind = type(error).__name__
    reason = f"{kind}: {error}" if isinstance(error, ArchiveError) else kind
    values = {"error": reason[:TEXT_LENGTH], "failed_at": timezone.now()}
    FailedTask.objects.update_or_create(
        task=task, arguments=written, defaults=values | {"times": F("times") + 1}, create_defaults=values
    )


def forget(task: str, arguments: Sequence[Any]) -> None:
    """A task has succeeded."""
    FailedTask.objects.filter(task=task, arguments=_written(arguments)).delete()


def _written(arguments: Sequence[Any]) -> str:
    return orjson.dumps(list(arguments)).decode()
