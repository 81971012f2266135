"""The worklist as people see it: rows, filters, pages, and what has come and changed since."""

import re

import pytest
from django.utils import timezone

from tests.people import signed_in
from tests.workitems import code, progress
from tests.worklist import LOCK, claimed, created, in_state
from workflow.models import Workitem
from workflow.services.update import update

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}


def text(client, url: str, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def versions(page: str) -> list[str]:
    return re.findall(r'data-version="([^"]+)"', page)


def test_a_row_says_state_progress_priority_patient_and_station(viewer):
    uid = claimed(
        ProcedureStepLabel="Read <it>",
        ScheduledProcedureStepPriority="HIGH",
        PatientName="Doe^Jane",
        PatientID="ID-1",
        ScheduledStationNameCodeSequence=[code("ROOM1", "Reading room")],
        ScheduledProcedureStepStartDateTime="20200101100000+0000",
        InputReadinessState="INCOMPLETE",
    )
    update(uid, progress("60", ProcedureStepProgressDescription="<b>Dictated"), transaction_uid=LOCK)
    page = text(viewer, "/worklist/")
    for said in (
        "In progress",
        "60 %",
        "&lt;b&gt;Dictated",
        "High",
        "Read &lt;it&gt;",
        "Doe, Jane",
        "ID-1",
        "Reading room",
    ):
        assert said in page
    assert "Overdue" in page
    assert "Input incomplete" in page
    assert '<progress max="100" value="60"' in page
    assert "<title>Worklist | Archive</title>" in page


def test_what_is_to_be_done_is_shown_unless_somebody_asks_for_more(viewer):
    for state in ("SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED"):
        in_state(state)
    assert "of <strong>2</strong> steps" in text(viewer, "/worklist/")
    assert "of <strong>4</strong> steps" in text(viewer, "/worklist/?state=all")


def test_times_are_those_of_where_somebody_looks(viewer):
    created(ScheduledProcedureStepStartDateTime="20261125230000+0000")
    viewer.cookies["timezone"] = "Asia/Tokyo"
    assert "2026-11-26 08:00" in text(viewer, "/worklist/")
    viewer.cookies["timezone"] = "no/zone"
    assert "2026-11-25 23:00" in text(viewer, "/worklist/")


def test_a_part_of_the_page_names_the_url_of_the_whole(viewer):
    answer = viewer.get("/worklist/?state=all&rows=25&label=", headers=FRAGMENT)
    assert answer["HX-Push-Url"] == "/worklist/?state=all"
    assert "<html" not in answer.content.decode()


def test_pages_lead_to_each_other(viewer):
    for _ in range(26):
        created()
    page = text(viewer, "/worklist/?sort=label")
    assert "Page 1 of 2" in page
    assert "/worklist/?sort=label&amp;page=2" in page
    assert "<strong>26–26</strong> of <strong>26</strong>" in text(viewer, "/worklist/?page=2")
    assert "There is no such page" in text(viewer, "/worklist/?page=9")


def test_nothing_to_do_and_nothing_found_are_two_things(viewer):
    assert "There is nothing to do" in text(viewer, "/worklist/")
    assert "No step meets this search" in text(viewer, "/worklist/?q=%3Cscript%3E")


@pytest.mark.parametrize(
    "query", ["q=%00", "page=99999999999999", "sort=x", "state=%FF", "rows=1e9", "due=9", "q=*%5B?"]
)
def test_whatever_the_url_says_there_is_a_page(viewer, query):
    created()
    text(viewer, f"/worklist/?{query}")


# -- what has come and changed ---------------------------------------------------


def changes(client, page: str, **more: str) -> str:
    look = re.search(r'data-look="([^"]+)"', page)[1].replace("&amp;", "&")
    return text(client, f"{look}&shown={','.join(versions(page))}", **FRAGMENT)


def test_nothing_is_said_while_nothing_has_changed(viewer):
    created()
    page = text(viewer, "/worklist/")
    assert changes(viewer, page).strip() == ""


def test_a_row_that_has_changed_is_given_anew_wherever_it_belongs_now(viewer):
    uid, _ = created(), created()
    page = text(viewer, "/worklist/?state=scheduled")
    pk = Workitem.objects.get(sop_instance_uid=uid).pk
    Workitem.objects.filter(pk=pk).update(procedure_step_state="COMPLETED", updated_at=timezone.now())
    changed = changes(viewer, page)
    assert re.findall(r'id="step-(\d+)"', changed) == [str(pk)]
    assert "Completed" in changed


def test_what_has_come_is_said_and_not_put_between(viewer):
    page = text(viewer, "/worklist/")
    created()
    assert "1 new step<" in changes(viewer, page)
    page = text(viewer, "/worklist/?worklist=AI")
    created()
    assert changes(viewer, page).strip() == ""


def test_a_step_that_has_been_deleted_says_so(viewer):
    created()
    page = text(viewer, "/worklist/")
    Workitem.objects.all().delete()
    assert "This step has been deleted" in changes(viewer, page)


@pytest.mark.parametrize("query", ["", "shown=x", "shown=1:2:3,,007:,-1:x", "newest=%00", "newest=-1"])
def test_whatever_somebody_claims_to_have_seen_is_taken(viewer, query):
    created()
    text(viewer, f"/worklist/changes?{query}")


# -- who -------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/worklist/", "/worklist/changes", "/worklist/rules", "/worklist/1.2.3"])
def test_who_may_not_see_workitems_sees_none(client, url):
    assert client.get(url)["Location"].startswith("/login/?next=")
    assert client.get(url, headers=FRAGMENT).status_code == 401
    assert signed_in("stranger").get(url).status_code == 403


def test_the_navigation_leads_to_it(viewer):
    assert 'href="/worklist/"' in text(viewer, "/")
