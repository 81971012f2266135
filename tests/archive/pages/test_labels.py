"""Labels on the pages: in the list, for what is selected there, and on the page of a study."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from archive.list_query import MOST_ROWS
from archive.models import Label, LabelColor, SavedWorklist, StudyLabel
from archive.services import labels
from tests import factories
from tests.people import signed_in

pytestmark = pytest.mark.django_db

CSS = (Path(__file__).resolve().parents[3] / "static" / "css" / "labels.css").read_text(encoding="utf-8")


@pytest.fixture
def reader() -> Client:
    """May put labels on studies, and make new ones."""
    return signed_in("reader", "uploaders")


@pytest.fixture
def labeler() -> Client:
    """May put labels on studies that there are already."""
    client = signed_in("labeler", "viewers", last_name="Berg")
    allowed = Permission.objects.get(codename="label_study")
    allowed.user_set.add(client.session["_auth_user_id"])
    return client


def text(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def pressed(menu: str) -> dict[str, str]:
    """By label, whether all of the selected studies have it."""
    buttons = re.findall(r'<button[^>]*aria-pressed="(\w+)".*?<bdi[^>]*>([^<]+)</bdi>', menu, re.DOTALL)
    return {name: state for state, name in buttons}


def rows(menu: str) -> dict[int, list[str]]:
    """What each row of the list is told to show."""
    cells = re.findall(r'id="labels-(\d+)" hx-swap-oob="true">(.*?)</span>', menu)
    return {int(pk): re.findall(r"<bdi[^>]*>([^<]+)</bdi>", cell) for pk, cell in cells}


# -- the list --------------------------------------------------------------------


def test_rows_have_their_labels(viewer):
    study = factories.study()
    factories.label("second <opinion>", study, color="red")

    assert f'id="labels-{study.pk}"><bdi class="label-chip label-red">second &lt;opinion&gt;</bdi>' in text(viewer, "/")


def test_labels_are_chips_with_counts_and_filter_the_list(viewer):
    studies = [factories.study() for _ in range(3)]
    teaching = factories.label("teaching", *studies[:2])
    factories.label("unused")

    page = text(viewer, f"/?label={teaching.pk}")

    assert len(re.findall("data-study=", page)) == 2
    assert re.findall(r'name="label" value="(\d+)" id="label-\d+"( checked)?', page)[0] == (
        str(teaching.pk),
        " checked",
    )
    assert re.findall(r'<bdi>([^<]+)</bdi> <span class="count">(\d+)', page) == [("teaching", "2"), ("unused", "0")]
    assert f'href="/?label={teaching.pk}&amp;sort=name"' in page


def test_a_worklist_finds_by_a_label_that_has_been_renamed_and_says_when_it_is_deleted(reader):
    label = factories.label("old", factories.study())
    reader.post("/worklists", {"name": "Mine", "query": f"label={label.pk}"})
    query = SavedWorklist.objects.get().query
    Label(pk=label.pk, name="new", color="red").save()

    assert "<bdi>new</bdi>" in text(reader, f"/?{query}")
    assert "data-study=" in text(reader, f"/?{query}")

    Label.objects.all().delete()
    gone = text(reader, f"/?{query}")
    assert "data-study=" not in gone
    assert f'value="{label.pk}" id="label-{label.pk}" checked' in gone
    assert "deleted label" in gone


def test_counts_that_are_bounded_say_so(viewer, monkeypatch):
    monkeypatch.setattr("archive.selectors.labels.MOST_LISTED", 1)
    factories.label("teaching", factories.study(), factories.study())

    assert re.search(r'more than</span>1<span class="visually-hidden"> study', text(viewer, "/"))


# -- the menu of the selection ---------------------------------------------------


def test_the_menu_says_which_labels_all_some_and_none_of_the_selected_studies_have(reader):
    studies = [factories.study() for _ in range(3)]
    factories.label("all", *studies)
    factories.label("some", studies[0])
    factories.label("none", studies[2])
    chosen = [study.study_instance_uid for study in studies[:2]]

    menu = reader.get("/labels", {"study": chosen}).content.decode()

    assert pressed(menu) == {"all": "true", "none": "false", "some": "mixed"}
    assert "on 1 of 2" in menu
    assert "hx-swap-oob" not in menu


def test_a_label_is_made_by_typing_and_put_on_what_is_selected(reader):
    studies = [factories.study() for _ in range(2)]
    factories.study()

    answer = reader.post("/labels", {"study": [one.study_instance_uid for one in studies], "name": " Trial  A "})
    menu = answer.content.decode()

    assert pressed(menu) == {"Trial A": "true"}
    assert rows(menu) == {study.pk: ["Trial A"] for study in studies}
    assert re.search(r'<fieldset[^>]* id="label-chips" hx-swap-oob="true">.*Trial A', menu, re.DOTALL)
    assert {one.added_by.username for one in StudyLabel.objects.all()} == {"reader"}


def test_a_label_is_taken_off_what_is_selected(reader):
    studies = [factories.study() for _ in range(2)]
    label = factories.label("teaching", *studies)
    chosen = {"study": studies[0].study_instance_uid, "query": f"label={label.pk}"}

    menu = reader.post("/labels", chosen | {"label": label.pk, "act": "off"}).content.decode()

    assert pressed(menu) == {"teaching": "false"}
    assert rows(menu) == {studies[0].pk: []}
    assert f'id="label-{label.pk}" checked' in menu, "the list is still filtered by it"
    assert list(StudyLabel.objects.values_list("study", flat=True)) == [studies[1].pk]


@pytest.mark.parametrize(
    ("name", "problem"), [("", "needs a name"), ("x" * 41, "needs a name"), ("new", "no such label")]
)
def test_what_cannot_be_put_on_is_said_in_the_menu(labeler, name, problem):
    study = factories.study()

    menu = labeler.post("/labels", {"study": study.study_instance_uid, "name": name}).content.decode()

    assert re.search(rf'role="alert">[^<]*{problem}', menu)
    assert not StudyLabel.objects.exists()


def test_who_may_not_make_labels_uses_those_that_there_are(labeler):
    study = factories.study()
    factories.label("Teaching")

    labeler.post("/labels", {"study": study.study_instance_uid, "name": "teaching"})

    assert StudyLabel.objects.get().study == study


def test_too_many_labels_are_said_to_be(reader, monkeypatch):
    monkeypatch.setattr(labels, "MOST", 0)

    answer = reader.post("/labels", {"study": factories.study().study_instance_uid, "name": "new"})

    assert b"There are 0 labels already" in answer.content


@pytest.mark.parametrize("label", ["0", "x", "-1", "9" * 30])
def test_a_label_that_there_is_not_is_not_found(reader, label):
    assert reader.post("/labels", {"study": factories.study().study_instance_uid, "label": label}).status_code == 404


def test_no_more_than_a_page_of_studies_is_labeled_at_once_and_nonsense_is_left_out(reader):
    study = factories.study()
    chosen = ["no-uid", "1.2.3", study.study_instance_uid, *["1.2.4"] * MOST_ROWS]

    assert reader.post("/labels", {"study": chosen, "name": "teaching"}).status_code == 200
    assert StudyLabel.objects.get().study == study
    assert rows(reader.post("/labels", {"study": chosen[MOST_ROWS:], "name": "late"}).content.decode()) == {}


# -- the page of a study ---------------------------------------------------------


def test_labels_are_put_on_and_taken_off_on_the_page_of_a_study(reader):
    study = factories.study()
    path = f"/studies/{study.study_instance_uid}"
    factories.label("known")
    assert '<option value="known"></option>' in text(reader, path)

    part = reader.post(f"{path}/labels", {"name": "teaching"}).content.decode()

    assert "by reader" in part
    assert "Take off the label teaching" in part
    assert "teaching" in text(reader, path)
    label = Label.objects.get(name="teaching")
    part = reader.post(f"{path}/labels", {"label": label.pk, "act": "off"}).content.decode()
    assert "label-chip" not in part
    assert "needs a name" in reader.post(f"{path}/labels", {"name": ""}).content.decode()
    assert reader.post("/studies/1.2.3/labels", {"name": "x"}).status_code == 404


# -- who may ---------------------------------------------------------------------


def test_who_may_not_label_sees_labels_and_is_offered_nothing(viewer, reader):
    study = factories.study()
    factories.label("teaching", study)
    for path in ("/", f"/studies/{study.study_instance_uid}"):
        assert "teaching" in text(viewer, path)
        assert 'id="new-label"' not in text(viewer, path)
        assert 'id="label-selected"' not in text(viewer, path)
    assert 'id="label-selected"' in text(reader, "/")


@pytest.mark.parametrize("path", ["/labels", "/studies/1.2.3/labels"])
def test_labels_need_their_permission_and_a_form_of_the_archive(viewer, client, path):
    assert viewer.post(path).status_code == 403
    assert client.post(path).status_code == 302
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403


# -- how they look ---------------------------------------------------------------


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("color", LabelColor.values)
def test_every_color_is_legible_in_dark_and_in_light(color):
    grounds = re.findall(rf"\.label-{color} {{ --label-ground: (#\w{{6}}); --label-ink: (#\w{{6}});", CSS)

    assert len(grounds) == 2
    for pair in grounds:
        darker, lighter = sorted(map(luminance, pair))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5
