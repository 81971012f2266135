"""The query of the URL of the list of studies, read and written."""

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.list_query import ROWS
from archive.study_list_columns import COLUMNS, chosen
from archive.study_list_query import MOST_LISTED, PRESETS, SORTS, StudyListQuery

TODAY = date(2024, 3, 1)


def read(query: str) -> StudyListQuery:
    return StudyListQuery.read(parse_qs(query, keep_blank_values=True))


words = st.text(max_size=20)
days = st.dates().map(str) | st.just("")
queries = st.fixed_dictionaries(
    dict.fromkeys(("q", "name", "id", "accession", "description", "referrer"), words)
    | dict.fromkeys(("since", "until", "born"), days)
    | {"body": words, "steps": st.sampled_from(["", "open"]), "label": st.just("7")}
    | {
        "days": st.sampled_from(["", *PRESETS]),
        "sort": st.sampled_from(sorted(SORTS)).flatmap(lambda name: st.sampled_from([name, f"-{name}"])),
        "rows": st.sampled_from(ROWS).map(str),
        "page": st.integers(1, 90).map(str),
    }
).map(lambda values: {name: [value] for name, value in values.items()} | {"modality": ["CT", "MR"]})


@given(queries)
def test_what_is_written_into_a_url_is_read_from_it(parameters):
    query = StudyListQuery.read(parameters)

    assert read(query.to_query()) == query


@given(
    st.dictionaries(
        st.sampled_from(["q", "days", "since", "modality", "label", "steps", "body", "sort", "rows", "page"]),
        st.lists(st.text()),
    )
)
def test_whatever_is_in_a_url_there_is_a_list(parameters):
    query = StudyListQuery.read(parameters)

    assert query.rows in ROWS
    assert 0 <= query.offset < MOST_LISTED
    assert query.column in SORTS
    assert "\0" not in query.to_query()


def test_a_url_says_only_what_is_not_as_usual():
    assert read("q=&days=&sort=-date&rows=25&page=1").to_query() == ""
    assert read("q=doe&rows=50").to_query() == "q=doe&rows=50"
    assert read("modality=MR&modality=CT&modality=MR").to_query() == "modality=CT&modality=MR"
    assert read("label=9&label=x&label=-1&label=10&label=9&steps=all").to_query() == "label=9&label=10"


@pytest.mark.parametrize(
    ("query", "period"),
    [
        ("days=today", ("20240301", "20240301")),
        ("days=yesterday", ("20240229", "20240229")),
        ("days=7", ("20240224", "20240301")),
        ("days=30", ("20240201", "20240301")),
        ("since=2024-01-31&until=2024-02-01", ("20240131", "20240201")),
        ("since=2024-01-31", ("20240131", "")),
        ("until=2024-01-31", ("", "20240131")),
        ("days=today&since=2020-01-01", ("20240301", "20240301")),
        ("days=tomorrow&since=2024-02-30", ("", "")),
        ("", ("", "")),
    ],
)
def test_days_are_counted_back_from_today_and_a_preset_goes_before_a_range(query, period):
    assert read(query).period(TODAY) == period


def test_a_change_leads_to_the_first_page_unless_it_is_the_page():
    query = read("q=doe&page=3")

    assert query.to_query(sort="name") == "q=doe&sort=name"
    assert query.to_query(page=4) == "q=doe&page=4"
    assert query.to_query() == "q=doe&page=3"


def test_pages_are_bounded():
    assert read("page=999999999").page == MOST_LISTED // 25
    assert read("page=0").page == read("page=-1").page == read("page=x").page == 1


def test_every_column_can_be_sorted_by_that_says_so():
    assert {column.name for column in COLUMNS if column.sortable} == SORTS


def test_name_and_date_are_columns_whatever_somebody_chooses():
    assert [column.name for column in chosen(["accession", "nonsense"])] == ["name", "date", "accession"]
    assert {"referrer", "received"}.isdisjoint(column.name for column in chosen([]))
