"""The answer of a search as data sets in the DICOM JSON Model (PS3.18 Tables 10.6.3-3 to 10.6.3-5)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from django.db.models import OuterRef, QuerySet, Subquery

from archive.dicom import dicom_json
from archive.dicom.dicom_json import DataSet, Element
from archive.models import Instance, RequestAttributes, Series, Study
from archive.queryable import (
    MODALITIES_IN_STUDY,
    PERSON_NAME_GROUPS,
    REQUEST_ATTRIBUTES,
    REQUEST_ATTRIBUTES_SEQUENCE,
    Attribute,
    Level,
    Returned,
    attributes,
    field,
    level_of,
)
from archive.selectors.metadata import BATCH, stored_json

#: The absolute URL of a study, series or instance, from its one, two or three UIDs.
RetrieveURL = Callable[..., str]
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
        others: the tags of other attributes, which are in the stored metadata.
        everything: all other attributes of this level and those above.
    """

    level: Level
    attributes: tuple[Attribute, ...]
    kept: frozenset[str]
    others: frozenset[str]
    everything: bool

    @classmethod
    def of(cls, level: Level, whole: Collection[Level], asked: Collection[str], *, everything: bool) -> "Selection":
        """The usual attributes of the `whole` levels (QIDO-84), and what was `asked` for (QIDO-60, QIDO-85)."""
        rows = attributes(level)
        usual = {tag for tag, row in rows.items() if row.level in whole and row.returned is not Returned.ON_REQUEST}
        # The UIDs of what is above are returned on every path, as viewers need them (QIDO-88).
        parents = {STUDY_INSTANCE_UID, SERIES_INSTANCE_UID} & rows.keys()
        wanted = rows.keys() if everything else usual | parents | set(asked)
        always = {tag for tag in usual if rows[tag].returned is Returned.ALWAYS}
        return cls(
            level,
            attributes=tuple(rows[tag] for tag in sorted(wanted & rows.keys())),
            # Viewers fail on an empty list of modalities.
            kept=frozenset(always | set(asked)) - {MODALITIES_IN_STUDY},
            others=frozenset(tag for tag in asked if tag not in rows and level_of(tag) <= level),
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

    def takes(self, tag: str) -> bool:
        """Whether an attribute of the stored metadata is returned."""
        return tag in self.others or (self.everything and level_of(tag) <= self.level)


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
    groups = zip(PERSON_NAME_GROUPS, name.split("="), strict=False)
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
    """The data sets with the attributes that only the stored metadata has. What both have, the rows say."""
    position = IDENTITY[selection.level].index("pk")
    documents = _metadata(selection.level, [row[position] for row in rows], url)
    for row, data_set in zip(rows, found, strict=True):
        stored = orjson.loads(documents.get(row[position], b"{}"))
        others = {tag: value for tag, value in stored.items() if selection.takes(tag)}
        yield dict(sorted((others | data_set).items()))


def _metadata(level: Level, pks: Sequence[int], url: RetrieveURL) -> Mapping[int, bytes]:
    """The DICOM JSON of these instances, or of the first instance of each of these studies or series."""
    owner = {Level.STUDY: "series__study_id", Level.SERIES: "series_id", Level.INSTANCE: "pk"}[level]
    instances = list(_first_instances(level, pks).values_list(owner, "pk", *IDENTITY[Level.INSTANCE][:3]))
    documents = stored_json([pk for _, pk, *_ in instances])
    return {
        owner_pk: dicom_json.resolve(documents[pk], url(*uids)) for owner_pk, pk, *uids in instances if pk in documents
    }


def _first_instances(level: Level, pks: Sequence[int]) -> QuerySet[Instance]:
    if level == Level.INSTANCE:
        return Instance.objects.filter(pk__in=pks)
    if level == Level.SERIES:
        series = Series.objects.filter(pk__in=pks)
        return Instance.objects.filter(pk__in=series.values(first=_first_of_series(OuterRef("pk"))))
    first_series = Subquery(Series.objects.filter(study=OuterRef(OuterRef("pk"))).order_by("id").values("pk")[:1])
    studies = Study.objects.filter(pk__in=pks)
    return Instance.objects.filter(pk__in=studies.values(first=_first_of_series(first_series)))


def _first_of_series(series: OuterRef | Subquery) -> Subquery:
    return Subquery(Instance.objects.filter(series=series).order_by("instance_number", "id").values("pk")[:1])
