"""Which AEs want to be subscribed to a workitem before anybody knew of it (PS3.4 Section CC.2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from archive import rows
from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.attribute_paths import MalformedAttribute, attribute_path
from archive.dicom.matching.query_keys import MalformedMatch, timezone
from archive.dicom.matching.rules import Keys
from workflow.errors import InvalidFilter
from workflow.models import GlobalSubscription
from workflow.selectors.matching import matches, read_filter


@dataclass(frozen=True, slots=True)
class Filter:
    """What a filtered subscription asks of workitems.

    Args:
        timezone: the zone that it names for its dates and times, in minutes from UTC.
    """

    keys: Keys
    timezone: int | None

    def matches(self, data_set: DataSet) -> bool:
        return matches(self.keys, data_set, self.timezone)


def read(written: Mapping[str, Sequence[str]]) -> Filter:
    """The filter of these keys, by keywords or tags with dots between them.

    Raises:
        InvalidFilter: a search could not have them, or there are none.
    """
    try:
        paths = {name: attribute_path(name) for name in written}
        unknown = [name for name, path in paths.items() if path is None]
        if unknown or not written:
            raise InvalidFilter("A filter needs at least one key." if not unknown else "A key names no attribute.")
        if len(set(paths.values())) < len(paths):
            raise InvalidFilter("A filter has two keys for one attribute.")
        values = {path: written[name] for name, path in paths.items() if path}
        return Filter(read_filter(values), timezone(values))
    except (MalformedAttribute, MalformedMatch) as error:
        raise InvalidFilter(str(error)) from None


@lru_cache(maxsize=1000)
def _stored(text: str) -> Filter:
    return read(orjson.loads(text))


def wanting(data_set: DataSet) -> dict[int, bool]:
    """The subscribers, by primary key, that are to be subscribed to a new workitem, and whether with a lock."""
    locks: dict[int, bool] = {}
    for subscriber, kind, lock, written in rows.select(
        "SELECT subscriber_id, kind, deletion_lock, filter FROM workflow_globalsubscription"
    ):
        if kind == GlobalSubscription.Kind.GLOBAL or _stored(written).matches(data_set):
            locks[subscriber] = bool(lock) or locks.get(subscriber, False)
    return locks
