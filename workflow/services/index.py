"""How a data set is found: the columns of its workitem, and the rows of what has no column.

Where they cannot say all that a search may ask (several values in one column, a text that is too long for it), the
workitem is marked, and searches read its data set instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from archive import rows
from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.matching import moments, person_names
from archive.dicom.matching.data_sets import offset_of
from archive.fields import TEXT_LENGTH
from workflow.models import IndexedValue
from workflow.queryable import MOMENTS, TEXTS, TagPath, indexed_paths, leaves_in, name
from workflow.tags import PATIENT_BIRTH_DATE, PATIENT_NAME

#: Path, item, value.
Value = tuple[str, int, str]


@dataclass(slots=True)
class Index:
    """What a data set is found by.

    Args:
        columns: of the workitem.
        values: those without a column.
        whole: whether that is all there is.
    """

    columns: dict[str, Any] = field(default_factory=dict)
    values: set[Value] = field(default_factory=set)
    whole: bool = True

    def only(self, texts: Iterable[str], tag: str) -> str:
        """The one text of a column."""
        first, *others = [*texts] or [""]
        text = moments.date_key(first) or "" if tag == PATIENT_BIRTH_DATE else first
        self.whole &= not others and bool(text) == bool(first)
        return text


def index_of(data_set: DataSet) -> Index:
    found = Index()
    for tag, column in TEXTS.items():
        found.columns[column] = found.only(_texts(data_set.get(tag), found), tag)
    for tag, (column, as_shown) in MOMENTS.items():
        _set_moment(found, column, as_shown, data_set, tag)
    found.columns["patient_name"] = _name(data_set)[:TEXT_LENGTH]
    _collect_name(found, data_set)
    _collect_items(found, data_set, _tree(), (), 0)
    found.columns["indexed_whole"] = found.whole
    return found


def write_values(workitem_pk: int, values: set[Value], *, new: bool = False) -> None:
    """Write the rows of these values, in place of those that there are.

    Args:
        new: there are none yet.
    """
    if not new:
        stored = rows.select("SELECT path, item, value FROM workflow_indexedvalue WHERE workitem_id = %s", workitem_pk)
        if set(stored) == values:
            return
        rows.execute("DELETE FROM workflow_indexedvalue WHERE workitem_id = %s", workitem_pk)
    rows.insert(
        IndexedValue,
        [
            {"workitem_id": workitem_pk, "path": path, "item": item, "value": value}
            for path, item, value in sorted(values)
        ],
    )


# -- columns ---------------------------------------------------------------------


def _set_moment(found: Index, column: str, as_shown: str, data_set: DataSet, tag: str) -> None:
    """A moment in UTC, and what the clocks showed; where nobody knows the offset from UTC, only the latter."""
    text = found.only(_texts(data_set.get(tag), found), tag)
    moment = moments.moment(text, offset=offset_of(data_set))
    found.whole &= moment is not None or not text
    known = moment is not None and moment.offset is not None
    found.columns[column] = moment.utc() if moment else ""
    found.columns[as_shown] = moment.local if moment and known else ""


def _name(data_set: DataSet) -> str:
    names = data_set.get(PATIENT_NAME, {}).get("Value") or [""]
    return person_names.text_of(names[0] or "").replace("\0", "")


# -- values ----------------------------------------------------------------------


def _collect_name(found: Index, data_set: DataSet) -> None:
    for text in _texts(data_set.get(PATIENT_NAME), found, read=person_names.text_of):
        keys = person_names.search_keys(text)
        found.whole &= all(len(key) <= TEXT_LENGTH for key in keys)  # what folds may become longer
        found.values |= {(PATIENT_NAME, 0, key) for key in keys if len(key) <= TEXT_LENGTH}


def _collect_items(found: Index, data_set: DataSet, tree: "_Tree", path: TagPath, item: int) -> None:
    for tag in tree.keys() & data_set.keys():
        here, below, element = (*path, tag), tree[tag], data_set[tag]
        if not below:
            found.values |= {(name(here), item, text) for text in _texts(element, found)}
            continue
        items = [one for one in element.get("Value", ()) if isinstance(one, dict)]
        # The rows tell the items of the sequence at the head apart, and none within those.
        found.whole &= not path or len(items) <= 1 or leaves_in(here) == 1
        for number, one in enumerate(items):
            _collect_items(found, one, below, here, item if path or leaves_in(here) == 1 else number)


_Tree = Mapping[str, "_Tree"]


@cache
def _tree() -> _Tree:
    """The indexed paths, tag by tag."""
    tree: dict[str, Any] = {}
    for path in indexed_paths():
        branch = tree
        for tag in path:
            branch = branch.setdefault(tag, {})
    return tree


def _texts(element: Element | None, found: Index, *, read: Any = str) -> Iterator[str]:
    """The values of an element that fit a column; of the others it is noted that there are some."""
    if not element:
        return
    found.whole &= "Value" in element or len(element) == 1
    for value in element.get("Value", ()):
        if value is None:
            continue
        text = read(value).strip(" ")
        if text and len(text) <= TEXT_LENGTH and "\0" not in text and (read is not str or not isinstance(value, dict)):
            yield text
        else:
            found.whole = False
