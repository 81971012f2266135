"""What the list of studies shows of the worklist, to whom."""

import re
from typing import NoReturn

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from archive import study_steps
from archive.patience import TookTooLong
from tests import factories
from tests.people import signed_in
from tests.workflow import building

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer", "viewers")


@pytest.fixture
def imager() -> Client:
    """Sees studies, and not the worklist."""
    client = signed_in("imager")
    Permission.objects.get(codename="view_instance").user_set.add(client.session["_auth_user_id"])
    return client


def steps(client: Client, query: str = "") -> dict[str, str]:
    """The words in the column, by study."""
    page = client.get(f"/{query}").content.decode()
    rows = re.findall(r'data-study="([^"]+)".*?class="column-steps"[^>]*>(.*?)</td>', page, re.DOTALL)
    return {study: " ".join(re.sub("<[^>]+>", " ", cell).split()) for study, cell in rows}


def open_step(study: str, **elements: str) -> None:
    building.workitem(StudyInstanceUID=study, **elements)


def test_a_study_says_how_it_stands_with_its_steps_in_words(viewer):
    busy, quiet = (factories.study().study_instance_uid for _ in range(2))
    open_step(busy, ProcedureStepState="IN PROGRESS", ScheduledProcedureStepPriority="HIGH")
    open_step(busy, ProcedureStepState="COMPLETED")

    assert steps(viewer) == {busy: "In progress 1 of 2 steps High", quiet: ""}


def take_too_long() -> NoReturn:
    raise TookTooLong


@pytest.mark.parametrize("many", [False, True])
def test_studies_with_something_to_be_done_are_found(viewer, monkeypatch, many):
    if many:
        monkeypatch.setattr("archive.selectors.study_list._found", lambda ways: take_too_long())
    busy, done = (factories.study().study_instance_uid for _ in range(2))
    open_step(busy, ProcedureStepState="SCHEDULED")
    open_step(done, ProcedureStepState="CANCELED")

    assert steps(viewer, "?steps=open").keys() == {busy}
    assert steps(viewer, "?steps=nonsense").keys() == {busy, done}
    assert steps(viewer, "?steps=open&sort=name").keys() == {busy}


def test_who_may_not_see_the_worklist_is_told_nothing_of_it(imager):
    study = factories.study().study_instance_uid
    factories.study()
    open_step(study)

    page = imager.get("/?steps=open").content.decode()

    assert len(re.findall("data-study=", page)) == 2
    assert "column-steps" not in page
    assert 'id="steps-open"' not in page
    assert "Scheduled" not in page
    newest = imager.get("/arrivals?steps=open&newest=0").json()
    assert newest == {"studies": 2}


def test_without_a_worklist_there_is_no_column_for_it(viewer, monkeypatch):
    monkeypatch.setattr(study_steps, "_provided", [])
    factories.study()

    assert steps(viewer, "?steps=open") == {}
    assert "data-study=" in viewer.get("/?steps=open").content.decode()


def test_a_list_asks_the_worklist_once(viewer, django_assert_max_num_queries):
    patient = factories.patient()
    for _ in range(20):
        open_step(factories.study(patient=patient).study_instance_uid)

    with django_assert_max_num_queries(24):
        assert len(steps(viewer)) == 20
