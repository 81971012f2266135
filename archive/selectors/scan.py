"""Keys that no column answers, matched against the stored metadata of what the columns leave over.

As where attributes are included, the first instance of a study or a series speaks for it.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from archive.dicom.matching.data_sets import data_set_matches
from archive.dicom.matching.rules import Keys
from archive.errors import SearchTooBroad
from archive.queryable import Level
from archive.selectors.metadata import BATCH, representatives


def scan(level: Level, candidates: QuerySet[Any, Any], keys: Keys, timezone: int | None) -> list[int]:
    """The primary keys of the candidates whose metadata meets the keys, in the order of the candidates.

    Args:
        timezone: the zone of the keys' dates and times, in minutes from UTC.

    Raises:
        SearchTooBroad: there are more candidates than one search may look at.
    """
    most = settings.ARCHIVE_MAX_SCANNED
    pks = list(candidates.values_list("pk", flat=True)[: most + 1])
    if len(pks) > most:
        raise SearchTooBroad(most)
    return meeting(level, pks, keys, timezone)


def meeting(level: Level, pks: Sequence[int], keys: Keys, timezone: int | None) -> list[int]:
    """Those of the primary keys whose metadata meets the keys, in the same order."""
    found: list[int] = []
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        read = representatives(level, batch, url=lambda *uids: "")
        found += (pk for pk in batch if data_set_matches(keys, read.get(pk, dict)(), timezone))
    return found
