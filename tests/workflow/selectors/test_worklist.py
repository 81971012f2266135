"""Which steps the worklist shows, in which order."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.patience import TookTooLong
from tests.workflow.building import workitem
from tests.workitems import code, references
from workflow.models import Claim
from workflow.selectors import worklist
from workflow.selectors.worklist import (
    ORDERS,
    Viewpoint,
    arrived_since,
    listed,
    station_codes,
    worklist_labels,
    worklist_page,
)
from workflow.worklist_query import SORTS, WorklistQuery

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone(timedelta(hours=1)))  # 11:00 in UTC
IMAGE = ("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5")

STEPS = {
    "read": {
        "ProcedureStepLabel": "Read the chest",
        "WorklistLabel": "Reading",
        "ScheduledProcedureStepPriority": "LOW",
        "ScheduledProcedureStepStartDateTime": "20261125080000+0000",
        "ExpectedCompletionDateTime": "20261125103000+0000",
        "PatientName": "Müller^Jane",
        "PatientID": "ID-1",
        "ScheduledStationNameCodeSequence": [code("ROOM1")],
        "InputInformationSequence": [references(IMAGE, study="1.2.99")],
    },
    "segment": {
        "ProcedureStepLabel": "Segment 100% of it",
        "WorklistLabel": "AI",
        "ScheduledProcedureStepPriority": "HIGH",
        "ScheduledProcedureStepStartDateTime": "20261125233000+0100",
        "PatientName": "Smith^John",
        "PatientID": "2",
        "ScheduledStationNameCodeSequence": [code("GPU1"), code("GPU2")],
        "ProcedureStepState": "IN PROGRESS",
    },
    "next week": {
        "ProcedureStepLabel": "Read it again",
        "WorklistLabel": "Reading",
        "ScheduledProcedureStepPriority": "MEDIUM",
        "ScheduledProcedureStepStartDateTime": "20261201120000",
        "PatientName": "Smith^Anna",
    },
    "done": {"ProcedureStepState": "COMPLETED", "ScheduledProcedureStepStartDateTime": "20261101"},
    "canceled": {"ProcedureStepState": "CANCELED", "ScheduledProcedureStepStartDateTime": "20261102"},
}


@pytest.fixture(params=["few", "many"])
def names(request, monkeypatch) -> dict[int, str]:
    """Some steps by primary key, sorted by themselves or looked for while an order is walked."""
    if request.param == "many":
        monkeypatch.setattr(worklist, "FEW", 0)
    return {workitem(**attributes).pk: name for name, attributes in STEPS.items()}


def found(names: dict[int, str], text: str, user=None) -> list[str]:
    page = worklist_page(WorklistQuery.read(parse_qs(text)), Viewpoint(user, NOW))
    assert page.total == len(page.pks)
    return [names[pk] for pk in page.pks]


def test_what_is_to_be_done_is_shown_by_when_it_is_due(names):
    assert found(names, "") == ["read", "segment", "next week"]
    assert found(names, "sort=-due") == ["next week", "segment", "read"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=scheduled", {"read", "next week"}),
        ("state=in-progress", {"segment"}),
        ("state=completed", {"done"}),
        ("state=canceled", {"canceled"}),
        ("state=all", set(STEPS)),
        ("priority=HIGH&priority=LOW", {"read", "segment"}),
        ("worklist=Reading", {"read", "next week"}),
        ("worklist=reading", set()),
        ("label=read", {"read", "next week"}),
        ("label=again+READ", {"next week"}),
        ("label=100%25", {"segment"}),
        ("label=%25", {"segment"}),
        ("station=room1", {"read"}),
        ("station=GPU", {"segment"}),
        ("station=PU1", set()),
        ("due=overdue", {"read"}),
        ("due=overdue&state=all", {"read"}),
        ("due=today", {"read", "segment"}),
        ("due=7", {"read", "segment", "next week"}),
        ("q=muller", {"read"}),
        ("q=smith+jo", {"segment"}),
        ("q=Smith%5EAnna", {"next week"}),
        ("q=id-1", {"read"}),
        ("q=1.2.99", {"read"}),
        ("q=nobody", set()),
        ("q=%2C", set()),
        ("q=smith&priority=HIGH&due=today&station=GPU1", {"segment"}),
    ],
)
def test_filters_find(names, query, expected):
    assert set(found(names, query)) == expected
    assert set(found(names, f"{query}&sort=patient")) == expected


def test_a_step_is_found_by_its_uid_and_its_accession_number(names):
    step = workitem(ReferencedRequestSequence=[request_with("ACC-7")])
    names[step.pk] = "asked for"
    assert found(names, f"q={step.sop_instance_uid}") == ["asked for"]
    assert found(names, "q=acc-7") == ["asked for"]


def request_with(accession_number: str):
    return {"00080050": {"vr": "SH", "Value": [accession_number]}}


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_each_column_sorts_both_ways(names, sort):
    up, down = (found(names, f"state=all&sort={sign}{sort}") for sign in ("", "-"))
    assert up == down[::-1]
    assert sorted(up) == sorted(STEPS)


def test_states_are_sorted_as_a_step_goes_through_them_and_priorities_from_the_highest(names):
    by_state = found(names, "state=all&sort=state")
    assert by_state == ["read", "next week", "segment", "done", "canceled"]
    by_priority = found(names, "state=all&sort=priority")
    assert (by_priority[0], by_priority[-1]) == ("segment", "read")


def test_every_sort_of_the_url_has_an_order():
    assert ORDERS.keys() == SORTS


def test_mine_are_those_that_somebody_has_claimed(names):
    users = [get_user_model().objects.create_user(name) for name in ("anna", "bert")]
    pk = next(pk for pk, name in names.items() if name == "segment")
    Claim.objects.create(workitem_id=pk, user=users[0], ae_title="READER")
    assert found(names, "mine=yes", users[0]) == ["segment"]
    assert found(names, "mine=yes", users[1]) == []


def test_pages_neither_overlap_nor_skip():
    steps = [workitem(ProcedureStepLabel="The same").pk for _ in range(60)]
    for sort in sorted(SORTS):
        pages = [worklist_page(WorklistQuery(sort=sort, page=n), Viewpoint(None, NOW)) for n in (1, 2, 3, 4)]
        assert [len(page.pks) for page in pages] == [25, 25, 10, 0]
        assert [pk for page in pages for pk in page.pks] == steps
        assert {page.total for page in pages} == {60}


def test_what_has_come_since_is_counted_as_far_as_the_query_finds_it(names):
    newest = max(names)
    workitem(WorklistLabel="AI")
    view = Viewpoint(None, NOW)
    assert arrived_since(WorklistQuery(), view, newest) == 1
    assert arrived_since(WorklistQuery(worklist="Reading"), view, newest) == 0
    assert arrived_since(WorklistQuery(state="completed"), view, newest) == 0


def test_steps_are_read_in_order_without_those_that_are_gone(names):
    pks = list(names)[::-1]
    assert [one.workitem.pk for one in listed([*pks, 10**9])] == pks


def test_labels_and_stations_to_choose_from(names):
    assert worklist_labels() == ["AI", "CHEST", "Reading"]
    assert station_codes() == ["GPU1", "GPU2", "ROOM1"]


def test_no_data_set_is_read_to_be_left_out():
    """SQLite reads the index alone: rows are as wide as their data sets."""
    if connection.vendor != "sqlite":
        return
    for text in ("", "state=all&sort=priority", "due=overdue&priority=HIGH&worklist=AI", "q=smith", "label=read"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            worklist_page(WorklistQuery.read(parse_qs(text)), Viewpoint(None, datetime.now(UTC)))
        counted = next(query["sql"] for query in queries if "COUNT" in query["sql"])
        with connection.cursor() as cursor:
            plan = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {counted}").fetchall()]
        assert any("COVERING INDEX" in line and "workflow_workitem" in line for line in plan), plan


def test_where_all_steps_would_take_too_long_the_last_are_looked_through(names, monkeypatch):
    def patience(milliseconds):
        raise TookTooLong

    monkeypatch.setattr(worklist, "patience", patience)
    monkeypatch.setattr(worklist, "LATEST", 2)
    last = sorted(names)[-2:]

    for text in ("state=all", "state=all&sort=label", "state=all&sort=-patient"):
        page = worklist_page(WorklistQuery.read(parse_qs(text)), Viewpoint(None, NOW))
        assert (sorted(page.pks), page.total, page.latest) == (last, 2, 2)
    for text in ("q=smith", "label=e", "station=GPU", "due=overdue"):
        page = worklist_page(WorklistQuery.read(parse_qs(f"state=all&{text}")), Viewpoint(None, NOW))
        assert {*page.pks} <= {*last}
