"""The answer of a search as data sets in the DICOM JSON Model (PS3.18 Tables 10.6.3-3 to 10.6.3-5)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.matching.attribute_paths import AttributePath, Tag, select, vr_of
from archive.dicom.matching.person_names import GROUPS
from archive.models import RequestAttributes
from archive.queryable import (
    MODALITIES_IN_STUDY,
    REQUEST_ATTRIBUTES,
    REQUEST_ATTRIBUTES_SEQUENCE,
    Attribute,
    Level,
    Returned,
    attributes,
    field,
    level_of,
    matchable,
)
from archive.selectors.metadata import BATCH, RetrieveURL, representatives

Row = tuple[Any, ...]

STUDY_INSTANCE_UID, SERIES_INSTANCE_UID = "0020000D", "0020000E"

#: PS3.3 Section C.4.23.1.1: stored bytes are always at hand.
ONLINE = "ONLINE"

#: What every row begins with: the UIDs of its URL, and its primary key; the last is the primary key of its series.
IDENTITY: Mapping[Level, tuple[str, ...]] = {
    Level.STUDY: ("study_instance_uid", "pk"),
    Level.SERIES: ("study__study_instance_uid", "series_instance_uid", "pk"),
    Level.INSTANCE: (
        "series__study__study_instance_uid",
        "series__series_instance_uid",
        "sop_instance_uid",
        "pk",
        "series_id",
    ),
}

#: The values that follow the columns of a row, in this order; none of them has a column.
COMPUTED = ("00080056", "00081190", REQUEST_ATTRIBUTES_SEQUENCE)


@dataclass(frozen=True)
class Selection:
    """What a search returns of each match.

    Args:
        attributes: those of the queryable table, in ascending order.
        kept: the tags of those that are returned without a value too (QIDO-83).
        others: attributes that are in the stored metadata only.
        empty: what keys among them are returned as where the metadata has none (QIDO-35).
        everything: all other attributes of this level and those above.
    """

    level: Level
    attributes: tuple[Attribute, ...]
    kept: frozenset[Tag]
    others: frozenset[AttributePath]
    empty: DataSet
    everything: bool

    @classmethod
    def of(
        cls,
        level: Level,
        *,
        whole: Collection[Level],
        keys: Collection[AttributePath],
        include: Collection[AttributePath],
        everything: bool,
    ) -> "Selection":
        """The usual attributes of the `whole` levels (QIDO-84), the keys (QIDO-85) and what is included (QIDO-60)."""
        rows = attributes(level)
        asked = {path[0] for path in (*keys, *include)}
        usual = {tag for tag, row in rows.items() if row.level in whole and row.returned is not Returned.ON_REQUEST}
        # The UIDs of what is above are returned on every path, as viewers need them (QIDO-88).
        parents = {STUDY_INSTANCE_UID, SERIES_INSTANCE_UID} & rows.keys()
        wanted = rows.keys() if everything else usual | parents | asked
        always = {tag for tag in usual if rows[tag].returned is Returned.ALWAYS}
        others = [path for path in (*keys, *include) if _is_other(level, path)]
        if any(path[0] == REQUEST_ATTRIBUTES_SEQUENCE for path in others):
            others += ((REQUEST_ATTRIBUTES_SEQUENCE, row.tag) for row in REQUEST_ATTRIBUTES)
        return cls(
            level,
            attributes=tuple(sorted((rows[tag] for tag in wanted & rows.keys()), key=lambda row: row.tag)),
            # Viewers fail on an empty list of modalities.
            kept=frozenset(always | asked) - {MODALITIES_IN_STUDY},
            others=frozenset(others),
            empty={tag: {"vr": vr_of(tag)[:2]} for path in keys if path in others and isinstance(tag := path[0], str)},
            everything=everything,
        )

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of the rows that `data_sets` takes."""
        columns = (field(self.level, row) for row in self.attributes if row.column)
        return tuple(dict.fromkeys((*IDENTITY[self.level], *columns)))

    @property
    def reads_metadata(self) -> bool:
        return self.everything or bool(self.others)

    def of_metadata(self, stored: DataSet) -> DataSet:
        """What is returned of a data set as it is stored."""
        if self.everything:
            return self.empty | {tag: element for tag, element in stored.items() if level_of(tag) <= self.level}
        return self.empty | select(stored, self.others)


def _is_other(level: Level, path: AttributePath) -> bool:
    """Whether an attribute of this level or above is in the stored metadata only."""
    if path[0] == REQUEST_ATTRIBUTES_SEQUENCE:
        return level >= Level.SERIES and matchable(level, path) is None
    return path[0] not in attributes(level) and level_of(path[0]) <= level


def data_sets(selection: Selection, rows: Sequence[Row], url: RetrieveURL) -> Iterator[DataSet]:
    """One data set for each row; what is not in the rows is read in batches."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        found = _from_rows(selection, batch, url)
        yield from _with_metadata(selection, batch, found, url) if selection.reads_metadata else found


def _from_rows(selection: Selection, rows: Sequence[Row], url: RetrieveURL) -> list[DataSet]:
    plan = _plan(selection)
    identity = IDENTITY[selection.level]
    uids, last = identity.index("pk"), len(identity) - 1
    items = _request_attributes(selection, [row[last] for row in rows])
    return [_data_set(plan, (*row, ONLINE, url(*row[:uids]), items.get(row[last]))) for row in rows]


#: Tag, VR, position of the value in a row, whether it is returned without a value.
_Plan = list[tuple[str, str, int, bool]]


def _plan(selection: Selection) -> _Plan:
    positions = {name: position for position, name in enumerate((*selection.fields, *COMPUTED))}
    return [
        (
            row.tag,
            row.vr,
            positions[field(selection.level, row) if row.column else row.tag],
            row.tag in selection.kept,
        )
        for row in selection.attributes
    ]


def _data_set(plan: _Plan, values: Row) -> DataSet:
    data_set = {}
    for tag, vr, position, kept in plan:
        value = values[position]
        if value or value == 0:
            data_set[tag] = element(vr, value)
        elif kept:
            data_set[tag] = {"vr": vr}
    return data_set


def element(vr: str, value: Any) -> Element:
    """The JSON object of a column's value: a text with backslashes between values, a number, or a list of items."""
    if vr == "PN":
        return {"vr": vr, "Value": [_person_name(name) for name in value.split("\\")]}
    if isinstance(value, str):
        return {"vr": vr, "Value": [text or None for text in value.split("\\")] if "\\" in value else [value]}
    return {"vr": vr, "Value": value if isinstance(value, list) else [value]}


def _person_name(name: str) -> dict[str, str] | None:
    groups = zip(GROUPS, name.split("="), strict=False)
    return {group: text for group, text in groups if text} or None


def _request_attributes(selection: Selection, series: Collection[int]) -> Mapping[int, list[DataSet]]:
    """The items of Request Attributes Sequence (0040,0275) by series."""
    items: dict[int, list[DataSet]] = defaultdict(list)
    if any(row.tag == REQUEST_ATTRIBUTES_SEQUENCE for row in selection.attributes):
        columns = [row.column for row in REQUEST_ATTRIBUTES]
        rows = RequestAttributes.objects.filter(series__in=set(series)).order_by("id")
        for pk, *values in rows.values_list("series_id", *columns):
            cells = zip(REQUEST_ATTRIBUTES, values, strict=True)
            items[pk].append({row.tag: element(row.vr, value) for row, value in cells if value})
    return items


def _with_metadata(
    selection: Selection, rows: Sequence[Row], found: Sequence[DataSet], url: RetrieveURL
) -> Iterator[DataSet]:
    """The data sets with the attributes that only the stored metadata has."""
    position = IDENTITY[selection.level].index("pk")
    read = representatives(selection.level, [row[position] for row in rows], url)
    for row, data_set in zip(rows, found, strict=True):
        others = selection.of_metadata(read.get(row[position], dict)())
        # What both have, the rows say, except that they have but a part of each item.
        if others.get(REQUEST_ATTRIBUTES_SEQUENCE, {}).get("Value"):
            data_set.pop(REQUEST_ATTRIBUTES_SEQUENCE, None)
        yield dict(sorted((others | data_set).items()))
