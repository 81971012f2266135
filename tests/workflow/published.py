"""PS3.4 Table CC.2.5-3 as it is published, and places of attributes in data sets: for tests that go row by row."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from archive.dicom.dicom_json import DataSet

TABLE = Path(__file__).parents[2] / "workflow" / "attribute_table.csv"

with TABLE.open(encoding="utf-8", newline="") as _file:
    #: The cells of each row, by the names of the columns.
    CELLS = list(csv.DictReader(_file))

#: The rows of one attribute.
ROWS = [cells for cells in CELLS if cells["path"] != "*"]
BY_TAGS = {tuple(cells["tag"].split(".")): cells for cells in ROWS}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a data set has an attribute: sequences and the indices of their items, then the attribute."""

    steps: tuple[tuple[str, int], ...]
    tag: str

    @property
    def path(self) -> tuple[str, ...]:
        return (*(tag for tag, _ in self.steps), self.tag)

    @property
    def cells(self) -> dict[str, str]:
        return BY_TAGS[self.path]

    @property
    def name(self) -> str:
        """As problems have it: `ReferencedRequestSequence[1].AccessionNumber`."""
        *sequences, keyword = self.cells["path"].split(".")
        items = [f"{sequence}[{index + 1}]" for sequence, (_, index) in zip(sequences, self.steps, strict=True)]
        return ".".join([*items, keyword])

    def item(self, data_set: DataSet) -> DataSet:
        """The data set or item that has the attribute."""
        for tag, index in self.steps:
            data_set = data_set[tag]["Value"][index]
        return data_set


def places(data_set: DataSet, steps: tuple[tuple[str, int], ...] = ()) -> Iterator[Place]:
    """Every attribute, its items' too."""
    for tag, element in data_set.items():
        yield Place(steps, tag)
        for index, item in enumerate(element.get("Value", ()) if element["vr"] == "SQ" else ()):
            yield from places(item, (*steps, (tag, index)))


#: Says nothing that any rule is about: an item that has it is not empty.
AVAILABILITY: DataSet = {"00080056": {"vr": "CS", "Value": ["ONLINE"]}}


def _copy(data_set: DataSet) -> DataSet:
    copied: DataSet = orjson.loads(orjson.dumps(data_set))
    return copied


def without(data_set: DataSet, place: Place) -> DataSet:
    changed = _copy(data_set)
    item = place.item(changed)
    del item[place.tag]
    if not item:
        item.update(AVAILABILITY)
    return changed


def emptied(data_set: DataSet, place: Place) -> DataSet:
    changed = _copy(data_set)
    element = place.item(changed)[place.tag]
    place.item(changed)[place.tag] = {"vr": element["vr"]}
    return changed
