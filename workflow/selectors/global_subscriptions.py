"""Which AEs want to be subscribed to a workitem before anybody knew of it (PS3.4 Section CC.2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import orjson
from django.db.models import Q

from archive import rows
from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.attribute_paths import (
    AttributePath,
    MalformedAttribute,
    attribute_path,
    name_of,
    resembles_attribute,
)
from archive.dicom.matching.query_keys import MalformedMatch
from archive.dicom.matching.rules import Universal
from workflow.errors import InvalidFilter
from workflow.models import GlobalSubscription, Workitem
from workflow.selectors.conditions import conditions
from workflow.selectors.keys import SearchKeys, read_keys
from workflow.selectors.scan import data_sets


def read(written: Mapping[str, Sequence[str]]) -> SearchKeys:
    """The filter of these keys, by keywords or tags with dots between them.

    A search does without a key that it cannot match; a subscription without it would be another one.

    Raises:
        InvalidFilter: a search could not have them, or ignores one, or they ask for nothing.
    """
    try:
        found, ignored = read_keys(_paths(written))
    except (MalformedAttribute, MalformedMatch) as error:
        raise InvalidFilter(str(error)) from None
    if ignored:
        raise InvalidFilter(f"{name_of(ignored[0])} is no key of a filter.")
    keys = {path: match for path, match in found.keys.items() if match != Universal()}
    if not keys:
        raise InvalidFilter("The filter has no key with a value.")
    return replace(found, keys=keys)


def _paths(written: Mapping[str, Sequence[str]]) -> dict[AttributePath, Sequence[str]]:
    values: dict[AttributePath, Sequence[str]] = {}
    for name, texts in written.items():
        path = attribute_path(name)
        if path is None:
            # What is not written as names of attributes are may be part of a value that has a comma in it.
            said = name if resembles_attribute(name) else "A key of the filter"
            raise InvalidFilter(f"{said} is no attribute of PS3.6; attributes are named by keyword or tag.")
        if path in values:
            raise InvalidFilter(f"The filter has {name_of(path)} twice.")
        values[path] = texts
    return values


@lru_cache(maxsize=1000)
def _stored(written: str) -> SearchKeys:
    return read(orjson.loads(written))


def wanting(data_set: DataSet) -> dict[int, bool]:
    """The subscribers, by primary key, that are to be subscribed to a new workitem, and whether with a lock."""
    locks: dict[int, bool] = {}
    for subscriber, kind, lock, written in rows.select(
        "SELECT subscriber_id, kind, deletion_lock, filter FROM workflow_globalsubscription"
    ):
        if kind == GlobalSubscription.Kind.GLOBAL or _stored(written).met_by(data_set):
            locks[subscriber] = bool(lock) or locks.get(subscriber, False)
    return locks


class Matching:
    """The workitems that match a filter.

    To look at them may take seconds. They are looked at a first time when nobody is kept waiting; when all others are,
    in the transaction of the subscription, only those are left that have come since.
    """

    def __init__(self, wanted: SearchKeys) -> None:
        self._wanted = wanted
        self._said = conditions(wanted)
        self._looked_at: dict[int, bool] = {}
        self.there()

    def there(self) -> list[int]:
        """The primary keys of those that there are now, in order."""
        candidates = self._said.met & Q(indexed_whole=True) | Q(indexed_whole=False)
        now = list(Workitem.objects.filter(candidates).order_by("pk").values_list("pk", "indexed_whole"))
        new = [(pk, whole) for pk, whole in now if pk not in self._looked_at]
        self._looked_at |= {pk: True for pk, whole in new if whole and self._said.exact}
        doubtful = [pk for pk, _ in new if pk not in self._looked_at]
        self._looked_at |= {pk: self._wanted.met_by(data_set) for pk, data_set in data_sets(doubtful)}
        return [pk for pk, _ in now if self._looked_at.get(pk)]
