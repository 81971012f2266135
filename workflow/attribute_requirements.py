"""What PS3.4 Table CC.2.5-3 asks of a data set that creates or updates a workitem, row by row, down into its items."""

from collections.abc import Callable
from dataclasses import dataclass

from archive.dicom.dicom_json import DataSet
from workflow.attribute_conditions import CONDITIONS, OneOf, When
from workflow.attribute_table import FORBIDDEN, Row, Usage, rows_within
from workflow.attribute_values import MOST_PROBLEMS, OTHER_VALUE
from workflow.data_sets import in_order, is_valued
from workflow.errors import InvalidWorkitem, Problem
from workflow.tags import CONTACT_URI, SOP_INSTANCE_UID

#: PS3.7 Annex C.
MISSING, WITHOUT_VALUE, NOT_ALLOWED = 0x0120, 0x0121, 0x0105

Column = Callable[[Row], Usage]


def of_creation(row: Row) -> Usage:
    """The N-CREATE column. DIMSE names the new workitem beside the data set; HTTP may name it within."""
    return Usage("3", "1") if row.path == (SOP_INSTANCE_UID,) else row.create


def of_update(row: Row) -> Usage:
    """The N-SET column."""
    return row.set


def of_cancellation(row: Row) -> Usage:
    """PS3.4 Table CC.2.2-1: as in an update, save that nobody has to say where to be reached."""
    return Usage("3", "1") if row.tag == CONTACT_URI else row.set


@dataclass(frozen=True, slots=True)
class _Place:
    """A data set, or an item of one.

    Args:
        around: what the item is in.
        path: of the sequence that it is an item of.
        label: as problems name it.
    """

    data_set: DataSet
    around: DataSet
    path: tuple[str, ...]
    label: str


class Requirements:
    """Holds a data set against a column of the table.

    Args:
        strict: a missing attribute that may be empty is a problem too, and is not filled in.
    """

    def __init__(self, column: Column, *, strict: bool) -> None:
        self._column = column
        self._strict = strict
        self.problems: list[Problem] = []
        #: Whether something was missing that could be filled in.
        self.filled = False

    def completed(self, data_set: DataSet) -> DataSet:
        """The data set with what could be filled in; what could not is in `problems`.

        Raises:
            InvalidWorkitem: there are more problems than anybody wants to know.
        """
        return self._completed(_Place(data_set, {}, (), ""))

    def _completed(self, place: _Place) -> DataSet:
        completed = dict(place.data_set)
        for tag, row in rows_within(place.path).items():
            if tag not in place.data_set:
                if self._is_to_be_filled_in(row, place):
                    completed[tag] = {"vr": row.vr}
            elif self._is_in_order(row, place) and row.vr == "SQ":
                items = [
                    self._completed(_Place(item, place.data_set, row.path, f"{_label(row, place)}[{number}]."))
                    for number, item in enumerate(place.data_set[tag]["Value"], 1)
                ]
                completed[tag] = {"vr": "SQ", "Value": items}
        return in_order(completed)

    def _is_to_be_filled_in(self, row: Row, place: _Place) -> bool:
        """What is missing; a problem unless it may be empty."""
        client = self._column(row).client
        if not _is_demanded(row, client, place):
            return False
        if client[0] == "1" or self._strict:
            self._problem(row, place, f"is missing{_others(row)}", MISSING)
            return False
        if self._column is of_update and row.final == "P":
            return False  # to be there without a value says that there was no output
        self.filled = True
        return True

    def _is_in_order(self, row: Row, place: _Place) -> bool:
        """What is there; whether its items are to be looked at."""
        usage = self._column(row)
        valued = is_valued(place.data_set, row.tag)
        if usage.client == FORBIDDEN:
            reason = "cannot be updated" if self._column is of_update else "is not to be there"
            self._problem(row, place, reason, NOT_ALLOWED)
        elif self._column is of_creation and row.create_rule == "EMPTY":
            if valued:
                self._problem(row, place, "has to be empty in a new workitem", OTHER_VALUE)
        elif valued:
            return True
        elif usage == Usage("3", "1") or (usage.client[0] == "1" and _is_demanded(row, usage.client, place)):
            self._problem(row, place, f"has no value{_others(row)}", WITHOUT_VALUE)
        return False

    def _problem(self, row: Row, place: _Place, reason: str, code: int) -> None:
        self.problems.append(Problem(_label(row, place), reason, code))
        if len(self.problems) == MOST_PROBLEMS:
            raise InvalidWorkitem(self.problems)


def _label(row: Row, place: _Place) -> str:
    return place.label + row.keywords.rpartition(".")[2]


def _is_demanded(row: Row, client: str, place: _Place) -> bool:
    """Whether the attribute has to be there. In an update the table has values of content items without condition."""
    if client not in {"1", "1C", "2", "2C"}:
        return False
    match CONDITIONS.get(row.condition):
        case When(holds):
            return holds(place.data_set, place.around)
        case OneOf(tags) if client == "1C":
            return row.tag == tags[0] and not any(is_valued(place.data_set, tag) for tag in tags)
    return client in {"1", "2"}


def _others(row: Row) -> str:
    """What could be there instead."""
    condition = CONDITIONS.get(row.condition)
    siblings = rows_within(row.path[:-1])
    tags = [tag for tag in condition.tags if tag in siblings and tag != row.tag] if isinstance(condition, OneOf) else []
    names = [siblings[tag].keywords.rpartition(".")[2] for tag in tags]
    return f", nor is there {' or '.join(names)}" if names else ""
