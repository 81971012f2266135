"""What a workitem is found by: its columns and its indexed values."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.dicom.dicom_json import DataSet
from tests.workflow.building import stored
from workflow import queryable
from workflow.data_sets import element
from workflow.models import IndexedValue, Workitem
from workflow.services.index import index_of, write_values


def code(value: str, designator: str = "99X") -> dict[str, Any]:
    return {"00080100": element("SH", value), "00080102": element("SH", designator)}


DATA_SET = {
    "00080018": element("UI", "1.2.3"),
    "00100010": element("PN", {"Alphabetic": "Doe^Jané"}),
    "00100020": element("LO", " ID-1 "),
    "00100030": element("DA", "1970.01.31"),
    "00404005": element("DT", "20261125181500+0100"),
    "00404011": element("DT", "20261125"),
    "00404025": element("SQ", code("A"), code("B")),
    "00404021": element("SQ", {"0020000D": element("UI", "1.2.4")}, {"0020000D": element("UI", "1.2.4")}),
    "00404034": element("SQ", {"00404009": element("SQ", code("P"))}),
    "00741000": element("CS", "SCHEDULED"),
    "00741216": element(
        "SQ", {"00404033": element("SQ", {"0020000D": element("UI", "1.2.5")}, {"0020000D": element("UI", "1.2.6")})}
    ),
    "0040A370": element("SQ"),
}


def test_columns_hold_attributes_as_text_without_padding_and_moments_in_utc():
    found = index_of(DATA_SET).columns
    assert found["patient_name"] == "Doe^Jané"
    assert found["patient_id"] == "ID-1"
    assert found["patient_birth_date"] == "19700131"
    assert found["procedure_step_state"] == "SCHEDULED"
    assert found["scheduled_procedure_step_start_date_time"] == "20261125171500.000000"
    assert found["scheduled_procedure_step_start_as_shown"] == "20261125181500.000000"
    assert (found["expected_completion_date_time"], found["expected_completion_as_shown"]) == (
        "20261125000000.000000",
        "",
    )
    assert found["admission_id"] == ""
    assert found["indexed_whole"]


def test_every_column_is_one_of_the_model():
    assert index_of(DATA_SET).columns.keys() <= {column.attname for column in Workitem._meta.concrete_fields}


def test_the_offset_of_the_data_set_holds_for_its_moments():
    found = index_of(DATA_SET | {"00080201": element("SH", "-0500")}).columns
    assert found["expected_completion_date_time"] == "20261125050000.000000"
    assert found["expected_completion_as_shown"] == "20261125000000.000000"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"00741202": element("LO", "A", "B")}, id="two values in one column"),
        pytest.param({"00741202": element("LO", "x" * 401)}, id="a text that is too long"),
        pytest.param({"00741202": {"vr": "UN", "InlineBinary": "AAAA"}}, id="bytes"),
        pytest.param({"00100020": element("LO", "\0")}, id="a character that databases do not store"),
        pytest.param({"00100030": element("DA", "yesterday")}, id="a date that is none"),
        pytest.param({"00404005": element("DT", "soon")}, id="a moment that is none"),
        pytest.param({"00404018": element("SQ", code("x" * 401))}, id="a long value in an item"),
        pytest.param(
            {"00404034": element("SQ", {"00404009": element("SQ", code("P"), code("Q"))})}, id="items in items"
        ),
        pytest.param({"00100010": element("PN", {"Alphabetic": "ﷺ" * 100})}, id="a name that folds to a longer one"),
    ],
)
@pytest.mark.django_db
def test_what_columns_and_rows_cannot_say_is_marked_and_does_no_harm(changes: dict[str, Any]):
    assert not stored(DATA_SET | changes).indexed_whole


def rewrite(row: Workitem, data_set: DataSet) -> None:
    write_values(row.pk, index_of(data_set).values)


def values(row: Workitem) -> set[tuple[str, int, str]]:
    return set(IndexedValue.objects.filter(workitem=row).values_list("path", "item", "value"))


@pytest.mark.django_db
def test_values_are_indexed_with_their_items():
    assert values(stored(DATA_SET)) == {
        ("00100010", 0, "doe^jane"),
        ("00100010", 0, "doe"),
        ("00100010", 0, "jane"),
        ("00404025.00080100", 0, "A"),
        ("00404025.00080102", 0, "99X"),
        ("00404025.00080100", 1, "B"),
        ("00404025.00080102", 1, "99X"),
        ("00404034.00404009.00080100", 0, "P"),
        ("00404034.00404009.00080102", 0, "99X"),
        ("00404021.0020000D", 0, "1.2.4"),
        ("00741216.00404033.0020000D", 0, "1.2.5"),
        ("00741216.00404033.0020000D", 0, "1.2.6"),
    }


@pytest.mark.django_db
def test_rows_are_replaced_and_left_alone_where_nothing_changed():
    row = stored(DATA_SET)
    with CaptureQueriesContext(connection) as queries:
        rewrite(row, DATA_SET | {"00741000": element("CS", "IN PROGRESS")})
    assert len(queries) == 1
    rewrite(row, DATA_SET | {"00404025": element("SQ", code("C"))})
    assert {value for path, _, value in values(row) if path == "00404025.00080100"} == {"C"}
    rewrite(row, {})
    assert values(row) == set()


def test_study_paths_are_the_places_where_a_workitem_names_a_study():
    assert set(queryable.study_paths()) == {
        "0020000D",
        "00404021.0020000D",
        "0040A370.0020000D",
        "00741216.00404033.0020000D",
    }


def test_every_path_leads_through_sequences_to_something_that_fits_the_column():
    longest = IndexedValue._meta.get_field("path").max_length
    assert all(len(queryable.name(path)) <= longest for path in queryable.indexed_paths())
