"""Tables of values: PS3.3 Section C.18.10."""

from pydicom.dataset import Dataset

from archive.dicom.rendering.reports.report import Table
from tests.archive.dicom.rendering.reports.built import code, content, only
from tests.archive.dicom.rendering.shown import item

MM = [code("mm", "mm", "UCUM")]


def row(number: int, name: str, **elements) -> Dataset:
    return item(TableRowNumber=number, ConceptNameCodeSequence=[code(name)], **elements)


def column(number: int, name: str, **elements) -> Dataset:
    return item(TableColumnNumber=number, ConceptNameCodeSequence=[code(name)], **elements)


def cell(row: int, column: int, **elements) -> Dataset:
    return item(TableRowNumber=row, TableColumnNumber=column, **elements)


def tabulated(rows=(), columns=(), cells=()) -> Table | None:
    values = item(
        NumberOfTableRows=len(rows),
        NumberOfTableColumns=len(columns),
        TableRowDefinitionSequence=list(rows),
        TableColumnDefinitionSequence=list(columns),
        CellValuesSequence=list(cells),
    )
    return only(content("TABLE", "Doses", TabulatedValuesSequence=[values])).table


def test_a_table_has_headings_with_units_and_cells():
    table = tabulated(
        [row(1, "Left"), row(2, "Right")],
        [column(1, "Depth", MeasurementUnitsCodeSequence=MM), column(2, "Grade")],
        [
            cell(1, 1, SelectorAttributeVR="DS", SelectorDSValue="1.5"),
            cell(1, 2, ConceptCodeSequence=[code("Mild")]),
            cell(2, 1, NumericValueQualifierCodeSequence=[code("Not measured")]),
            cell(2, 2, SelectorAttributeVR="UC", SelectorUCValue="none"),
        ],
    )

    assert table == Table(("Depth (mm)", "Grade"), (("Left", ("1.5", "Mild")), ("Right", ("Not measured", "none"))))


def test_cells_have_units_of_their_own_and_values_of_any_vr():
    table = tabulated(
        cells=[
            cell(1, 1, SelectorFDValue=2.5, MeasurementUnitsCodeSequence=MM),
            cell(1, 2, SelectorISValue=7),
            cell(1, 3, SelectorDTValue="20240131"),
        ]
    )
    assert table == Table(("", "", ""), (("", ("2.5 mm", "7", "2024-01-31")),))


def test_a_cell_item_may_have_the_values_of_a_whole_row_or_column():
    in_a_row = item(TableRowNumber=1, SelectorISValue=[1, 2, 3])
    in_a_column = item(TableColumnNumber=3, SelectorISValue=[4, 5])
    assert tabulated(cells=[in_a_row, in_a_column]) == Table(("", "", ""), (("", ("1", "2", "4")), ("", ("", "", "5"))))


def test_a_definition_without_a_number_is_of_all_columns():
    table = tabulated(
        columns=[item(ConceptNameCodeSequence=[code("Dose")]), column(2, "Time")],
        cells=[cell(1, 1, SelectorISValue=1), cell(1, 2, SelectorISValue=2)],
    )
    assert table.columns == ("Dose", "Time")


def test_a_table_is_as_large_as_what_it_says():
    values = item(NumberOfTableRows=0xFFFFFFFF, NumberOfTableColumns=0xFFFFFFFF, CellValuesSequence=[])
    assert only(content("TABLE", TabulatedValuesSequence=[values])).table == Table((), ())
    assert only(content("TABLE", TabulatedValuesSequence=[])).table is None
