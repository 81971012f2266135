"""Labels in the admin: renamed, coloured, deleted once somebody has confirmed it."""

import pytest
from django.test import Client
from django.urls import reverse

from archive.models import Label, StudyLabel
from tests import factories
from tests.people import signed_in

pytestmark = pytest.mark.django_db

LIST = reverse("admin:archive_label_changelist")


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator", "admins", is_staff=True)


def change(client: Client, label: Label, **form: str):
    return client.post(reverse("admin:archive_label_change", args=[label.pk]), {"color": "red"} | form)


def test_a_label_is_renamed_where_it_is(administrator):
    study = factories.study()
    label = factories.label("old", study)

    assert change(administrator, label, name=" New  one ").status_code == 302

    renamed = StudyLabel.objects.get(study=study).label
    assert (renamed.pk, renamed.name, renamed.name_key, renamed.color) == (label.pk, "New one", "new one", "red")


@pytest.mark.parametrize(("name", "problem"), [("TEACHING", b"of this name already"), ("a\u202eb", b"needs a name")])
def test_a_label_takes_no_name_of_another_and_none_that_is_none(administrator, name, problem):
    factories.label("teaching")
    label = factories.label("other")

    assert problem in change(administrator, label, name=name).content
    assert Label.objects.get(pk=label.pk).name == "other"


def test_a_label_may_change_its_capitals(administrator):
    label = factories.label("teaching")

    assert change(administrator, label, name="Teaching").status_code == 302
    assert Label.objects.get().name == "Teaching"


def test_the_list_shows_colors_and_leads_to_the_studies(administrator):
    label = factories.label("teaching", color="pink")
    page = administrator.get(LIST).content.decode()

    assert '<span class="label-chip label-pink">Pink</span>' in page
    assert f'href="/?label={label.pk}"' in page


def test_deleting_asks_first_and_says_how_often_a_label_is_put_on(administrator, monkeypatch):
    monkeypatch.setattr("archive.admin.labels.MOST_COUNTED", 2)
    labels = [factories.label(name, factories.study(), factories.study()) for name in ("one", "two")]
    url = reverse("admin:archive_label_delete", args=[labels[0].pk])

    asked = administrator.get(url).content.decode()
    assert "Times on a study: 2" in asked
    assert Label.objects.count() == 2
    several = {"action": "delete_selected", "_selected_action": [label.pk for label in labels]}
    assert "Times on a study, or more: 2" in administrator.post(LIST, several).content.decode()

    administrator.post(url, {"post": "yes"})
    assert Label.objects.get() == labels[1]
    administrator.post(LIST, several | {"post": "yes"})
    assert not StudyLabel.objects.exists()
    assert not Label.objects.exists()


def test_labels_are_for_who_may_change_them():
    label = factories.label("teaching")
    staff = signed_in("staff", "viewers", is_staff=True)

    assert staff.get(LIST).status_code == 200
    assert change(staff, label, name="new").status_code == 403
    assert staff.post(reverse("admin:archive_label_delete", args=[label.pk])).status_code == 403
