"""The URL of the worklist: what it says is what is shown, and what it cannot say is left out."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.list_query import ROWS
from archive.url_values import clean
from workflow.worklist_query import CHOICES, DUE, PRIORITIES, SORTS, WorklistQuery

texts = st.text(max_size=20).map(clean)
queries = st.builds(
    WorklistQuery,
    q=texts,
    label=texts,
    station=texts,
    worklist=texts,
    state=st.sampled_from(sorted(CHOICES)),
    priority=st.sampled_from([(), ("HIGH",), ("HIGH", "LOW"), ("MEDIUM", "LOW")]),
    due=st.sampled_from(["", *DUE]),
    mine=st.sampled_from(["", "yes"]),
    sort=st.sampled_from(sorted([*SORTS, *(f"-{name}" for name in SORTS)])),
    rows=st.sampled_from(ROWS),
    page=st.integers(1, 999_999_999),
)


@settings(max_examples=50)
@given(queries)
def test_a_query_is_read_as_it_was_written(query):
    assert WorklistQuery.read(parse_qs(query.to_query(page=query.page), keep_blank_values=True)) == query


parameter_names = st.sampled_from(["q", "state", "priority", "due", "sort", "rows", "page", "x"])


@given(st.dictionaries(parameter_names, st.lists(st.text())))
def test_whatever_is_written_is_read_as_something(parameters):
    query = WorklistQuery.read(parameters)
    assert query.state in CHOICES
    assert query.column in SORTS
    assert query.page >= 1


def test_a_change_leads_to_the_first_page():
    assert WorklistQuery(state="all", page=7).to_query(sort="-label") == "state=all&sort=-label"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sort=--due", WorklistQuery()),
        ("state=nonsense", WorklistQuery()),
        ("rows=26&page=-1", WorklistQuery()),
        ("&".join(f"priority={one}" for one in PRIORITIES), WorklistQuery()),
        ("priority=LOW&priority=HIGH&priority=x", WorklistQuery(priority=("HIGH", "LOW"))),
        ("q=%00a%0Ab", WorklistQuery(q="a b")),
    ],
)
def test_what_cannot_be_read_is_left_out(written, read):
    assert WorklistQuery.read(parse_qs(written)) == read


def test_a_query_that_leaves_out_open_steps_says_so():
    assert WorklistQuery(q="doe").narrows
    assert not WorklistQuery(state="all", sort="-label", rows=100).narrows
