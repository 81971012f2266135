"""Worklists and columns that people keep."""

import re

import pytest
from django.contrib.auth.models import Group

from archive.models import SavedWorklist, StudyListColumns
from tests import factories
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def columns(client) -> list[str]:
    return re.findall(r'scope="col" class="column-(\w+)"', client.get("/").content.decode())


def test_a_search_is_kept_under_a_name_without_the_page_it_was_at(viewer):
    answer = viewer.post("/worklists", {"name": " CT  today ", "query": "modality=CT&days=today&page=3&x=y"})

    assert 'href="/?days=today&amp;modality=CT"' in answer.content.decode()
    assert "CT today" in viewer.get("/").content.decode()


def test_a_worklist_is_seen_by_its_owner_alone(viewer):
    viewer.post("/worklists", {"name": "Mine", "query": "q=doe"})

    assert "Mine" not in signed_in("colleague", "viewers").get("/").content.decode()


def test_a_worklist_of_a_group_is_seen_and_removed_by_its_members(viewer):
    group = Group.objects.create(name="Knees")
    members = [signed_in(name, "viewers", "Knees") for name in ("a", "b")]
    members[0].post("/worklists", {"name": "Ours", "query": "description=knee", "group": group.pk})

    assert "Ours" in members[1].get("/").content.decode()
    assert "Ours" not in viewer.get("/").content.decode()

    pk = SavedWorklist.objects.get().pk
    viewer.post(f"/worklists/{pk}/remove")
    assert SavedWorklist.objects.exists()
    members[1].post(f"/worklists/{pk}/remove")
    assert not SavedWorklist.objects.exists()


@pytest.mark.parametrize("group", ["0", "x", "-1", "9" * 30, "9" * 5000])
def test_nobody_keeps_a_worklist_for_a_group_of_others(viewer, group):
    others = Group.objects.create(name="Others")

    for number in (group, str(others.pk)):
        assert viewer.post("/worklists", {"name": "Theirs", "group": number}).status_code == 404
    assert not SavedWorklist.objects.exists()


@pytest.mark.parametrize(("name", "problem"), [("", "needs a name"), (" \t", "needs a name"), ("Mine", "already")])
def test_a_worklist_has_a_name_of_its_own(viewer, name, problem):
    viewer.post("/worklists", {"name": "Mine", "query": "q=doe"})

    assert problem in viewer.post("/worklists", {"name": name, "query": ""}).content.decode()
    assert SavedWorklist.objects.count() == 1


def test_columns_are_kept_for_each_person(viewer):
    factories.study()
    usual = columns(viewer)

    answer = viewer.post("/columns", {"column": ["accession", "referrer", "nonsense"], "query": "q=doe"})

    assert answer["Location"] == "/?q=doe"
    assert columns(viewer) == ["name", "date", "accession", "referrer"]
    assert columns(signed_in("colleague", "viewers")) == usual

    viewer.post("/columns", {"column": ["accession"], "usual": "yes"})
    assert columns(viewer) == usual
    assert not StudyListColumns.objects.exists()


def test_nobody_is_led_elsewhere_after_choosing_columns(viewer):
    answer = viewer.post("/columns", {"column": ["id"], "query": "//evil.example?q=\r\nSet-Cookie: x"})

    assert answer["Location"].startswith("/?")
