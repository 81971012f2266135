"""The keys of a search as conditions in SQL, as far as columns and indexed values can say them.

They are exact for workitems that are `indexed_whole`; where they are not, they let through too many, never too few.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q

from archive.comparisons import compare
from archive.dicom.matching import rules
from archive.dicom.matching.attribute_paths import AttributePath
from archive.dicom.matching.rules import AllOf, AnyOf, Match, NoValue, SingleValue, SoundsLike, Universal, Wildcard
from workflow.models import IndexedValue
from workflow.queryable import MOMENTS, TEXTS, TagPath, indexed_paths, name
from workflow.selectors import moments
from workflow.selectors.keys import SearchKeys
from workflow.tags import PATIENT_BIRTH_DATE, PATIENT_BIRTH_TIME, PATIENT_NAME, SOP_CLASS_UID, SOP_INSTANCE_UID
from workflow.uids import PUSH_SOP_CLASS

_NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Conditions:
    """What SQL says of keys.

    Args:
        met: by all workitems that meet the keys.
        exact: whether by no others.
    """

    met: Q
    exact: bool


def conditions(search: SearchKeys) -> Conditions:
    keys = {path: match for path, match in search.keys.items() if match != Universal()}
    parts = [_of_attribute(search, str(path[0]), match) for path, match in keys.items() if len(path) == 1]
    for sequence in dict.fromkeys(path[0] for path in keys if len(path) > 1):
        within = {path: match for path, match in keys.items() if len(path) > 1 and path[0] == sequence}
        parts += _of_items(within)
    said = [part for part in parts if part is not None]
    return Conditions(reduce(and_, said, Q()), exact=len(said) == len(parts))


# -- attributes of the workitem itself -------------------------------------------


def _of_attribute(search: SearchKeys, tag: str, match: Match) -> Q | None:
    """None for what only the data set can say."""
    if tag == SOP_CLASS_UID:  # all have the same
        return Q() if rules.matches(match, [PUSH_SOP_CLASS]) else _NOTHING
    if tag == SOP_INSTANCE_UID:
        return compare("sop_instance_uid", match)
    if tag in MOMENTS:
        return moments.condition(*MOMENTS[tag], match)
    if tag == PATIENT_BIRTH_DATE and (search.timezone is not None or (PATIENT_BIRTH_TIME,) in search.keys):
        return None  # with the time beside it, it may be another date
    if tag in TEXTS:
        return compare(TEXTS[tag], match)
    return _of_values((tag,), match) if tag == PATIENT_NAME or (tag,) in indexed_paths() else None


def _of_values(path: TagPath, match: Match) -> Q | None:
    """A key on values that are rows: those that have to be met together may be met by several of them."""
    match match:
        case NoValue():
            return ~Q(pk__in=IndexedValue.objects.filter(path=name(path)).values("workitem_id"))
        case SoundsLike():
            return None
        case SingleValue() | Wildcard():
            return _item_with({path: match})
        case AnyOf() if _is_of_values(match):
            return _item_with({path: match})
        case AllOf() | AnyOf():
            parts = [_of_values(path, one) for one in match.matches]
            both = and_ if isinstance(match, AllOf) else or_
            return None if None in parts else reduce(both, filter(None, parts))
    return None


# -- attributes of items ---------------------------------------------------------


def _of_items(within: Mapping[AttributePath, Match]) -> list[Q | None]:
    """PS3.4 Section C.2.2.2.6: one item has to meet all keys together; None for those that only the data set tells."""
    indexed = {
        cast(TagPath, path): match for path, match in within.items() if path in indexed_paths() and _is_of_values(match)
    }
    said: list[Q | None] = [_item_with(indexed)] if indexed else []
    return said if len(indexed) == len(within) else [*said, None]


def _is_of_values(match: Match) -> bool:
    """Whether one value alone can meet the key."""
    return isinstance(match, SingleValue | Wildcard) or (
        isinstance(match, AnyOf) and all(map(_is_of_values, match.matches))
    )


def _item_with(keys: Mapping[TagPath, Match]) -> Q:
    (path, match), *others = keys.items()
    found = IndexedValue.objects.filter(compare("value", match), path=name(path))
    for other, beside in others:
        same_item: dict[str, Any] = {"workitem": OuterRef("workitem"), "item": OuterRef("item")}
        found = found.filter(
            Exists(IndexedValue.objects.filter(compare("value", beside), path=name(other), **same_item))
        )
    return Q(pk__in=found.values("workitem_id"))
