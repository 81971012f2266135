"""The audit trail in the admin: found, filtered, taken away, and never changed."""

import csv
from io import StringIO

import pytest
from django.test import Client

from archive.audit.acting import Actor, acting
from archive.audit.events import Action, Way
from archive.audit.trail import note
from tests.people import signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/archive/auditevent/"


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator", is_staff=True, is_superuser=True)


@pytest.fixture
def events(trail):
    for person, study, action in (
        ("anna", "1.2.3", Action.ACCESSED),
        ("bert", "1.2.3", Action.DELETED),
        ("=1+1", "1.2.4", Action.ACCESSED),
    ):
        with acting(lambda person=person: Actor(person, "session", "192.0.2.7", Way.PAGE)):
            note(action, study)
    return {event.person: event for event in trail(way="page")}


def people(client: Client, query: str) -> set[str]:
    found = client.get(f"{LIST}?{query}").context["cl"].result_list
    return {event.person for event in found if event.way == "page"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"anna", "bert", "=1+1"}),
        ("q=1.2.3", {"anna", "bert"}),
        ("q=bert", {"bert"}),
        ("q=1.2", set()),
        ("action__exact=accessed", {"anna", "=1+1"}),
        ("way__exact=admin", set()),
        ("q=1.2.3&action__exact=accessed", {"anna"}),
    ],
)
def test_events_are_found_by_study_and_person_and_filtered(administrator, events, query, found):
    assert people(administrator, query) == found


def test_what_is_found_can_be_taken_away(administrator, events):
    form = {"action": "as_csv", "select_across": "1", "_selected_action": [events["anna"].pk]}

    answer = administrator.post(f"{LIST}?way__exact=page", form)

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    assert {row["Person"] for row in rows} == {"anna", "bert", "'=1+1"}
    anna = next(row for row in rows if row["Person"] == "anna")
    assert (anna["Event ID"], anna["Study Instance UID"], anna["Times"], anna["Way"]) == (
        "110103",
        "1.2.3",
        "1",
        "page",
    )
    assert anna["First"] == events["anna"].first_at.isoformat()


def test_nobody_changes_or_removes_an_event(administrator, events, trail):
    pk = events["anna"].pk

    assert administrator.get(f"{LIST}{pk}/change/").status_code == 200
    assert administrator.post(f"{LIST}{pk}/change/", {"person": "nobody"}).status_code == 403
    assert administrator.post(f"{LIST}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.get(f"{LIST}add/").status_code == 403
    administrator.post(LIST, {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})

    assert [event.person for event in trail(pk=pk)] == ["anna"]


def test_looking_at_the_trail_is_in_the_trail(administrator, events, trail):
    administrator.get(LIST)

    assert [event.person for event in trail(action="trail read")] == ["administrator"]
