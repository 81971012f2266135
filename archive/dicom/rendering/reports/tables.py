"""Tables of values: PS3.3 Section C.18.10 (TABLE)."""

from collections.abc import Iterator

from archive.dicom.dicom_json import Element
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.codes import (
    CONCEPT_CODE_SEQUENCE,
    CONCEPT_NAME_CODE_SEQUENCE,
    NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE,
    meaning,
    meaning_of,
    units,
)
from archive.dicom.rendering.reports.budget import Budget
from archive.dicom.rendering.reports.report import Table
from archive.dicom.rendering.words import joined, written

_TABULATED_VALUES_SEQUENCE = "0040A801"
_ROW_DEFINITIONS, _COLUMN_DEFINITIONS, _CELL_VALUES = "0040A806", "0040A807", "0040A808"
_ROW_NUMBER, _COLUMN_NUMBER = "0040A804", "0040A805"

#: Selector AT Value to Selector UV Value (PS3.6).
_SELECTOR_VALUES = range(0x00720060, 0x00720084)

#: A definition without a number is of all rows, or columns.
_ALL = 0

_Cells = dict[tuple[int, int], str]


def table(attributes: Attributes, budget: Budget) -> Table | None:
    """The first table of an item; without the rows and columns that say nothing."""
    values = attributes.item(_TABULATED_VALUES_SEQUENCE)
    if values is None:
        return None
    cells = _cells(values)
    columns = _headings(values, _COLUMN_DEFINITIONS, _COLUMN_NUMBER)
    rows = _headings(values, _ROW_DEFINITIONS, _ROW_NUMBER)
    across = sorted({column for _, column in cells} | (columns.keys() - {_ALL}))
    down = sorted({row for row, _ in cells} | (rows.keys() - {_ALL}))
    across = across[: budget.items(len(across))]
    down = down[: budget.items(len(across) * len(down)) // max(len(across), 1)]
    return Table(
        tuple(budget.text(_heading(columns, column)) for column in across),
        tuple(
            (budget.text(_heading(rows, row)), tuple(budget.text(cells.get((row, column), "")) for column in across))
            for row in down
        ),
    )


def _headings(values: Attributes, definitions: str, number: str) -> dict[int, str]:
    """What rows or columns are, with the units that all values in them have."""
    headings = {}
    for definition in values.items(definitions):
        unit = units(definition)
        name = meaning(definition, CONCEPT_NAME_CODE_SEQUENCE)
        headings[_number(definition, number)] = f"{name} ({unit})".strip() if unit else name
    return headings


def _heading(headings: dict[int, str], number: int) -> str:
    return headings.get(number) or headings.get(_ALL, "")


def _cells(values: Attributes) -> _Cells:
    """By row and column. An item without one of the two has the values of a whole column, or row."""
    cells: _Cells = {}
    for item in values.items(_CELL_VALUES):
        row, column = _number(item, _ROW_NUMBER), _number(item, _COLUMN_NUMBER)
        found = _values(item)
        if row and column:
            cells[row, column] = joined(", ", *found)
            continue
        for place, value in enumerate(found, 1):
            cells[row or place, column or place] = value
    return cells


def _values(item: Attributes) -> list[str]:
    unit = units(item)
    found = [written(value, element["vr"]) for key, element in _selectors(item) for value in item.values(key)]
    found = [f"{value} {unit}" if value and unit else value for value in found]
    return (
        found
        or [meaning_of(entry) for entry in item.items(CONCEPT_CODE_SEQUENCE)]
        or [meaning(item, NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE)]
    )


def _selectors(item: Attributes) -> Iterator[tuple[str, Element]]:
    """The elements of a cell that have its values: Selector UC Value and the like."""
    return (
        (key, element)
        for key, element in item.data_set.items()
        if int(key, 16) in _SELECTOR_VALUES and element["vr"] != "SQ"
    )


def _number(item: Attributes, key: str) -> int:
    return item.integer(key) or _ALL
