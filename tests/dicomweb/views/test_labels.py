"""Labels over HTTP, as AI services put them on studies."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from archive.models import Label, StudyLabel
from archive.services import labels
from archive.services.delete import delete
from tests import factories
from tests.people import signed_in
from tests.storing import stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewing(member, client_of) -> Client:
    return client_of(member("viewers"))


def path(study: str, name: str = "") -> str:
    labels_of = f"/api/studies/{study}/labels"
    return f"{labels_of}/{quote(name, safe='')}" if name else labels_of


def test_a_study_is_labeled_and_the_label_taken_off(archive):
    study = factories.study().study_instance_uid
    other = factories.study().study_instance_uid
    name = "AI: nodule 5/8 100% ü"

    for _ in range(2):
        answer = archive.put(path(study, name))
        assert (answer.status_code, answer.content) == (204, b"")

    (found,) = archive.get(path(study)).json()
    assert (found["name"], found["color"], found["by"]) == (name, "blue", StudyLabel.objects.get().added_by.username)
    assert found["at"].endswith("+00:00")
    assert archive.get(path(other)).json() == []
    assert archive.get("/api/labels").json() == [{"name": name, "color": "blue", "studies": 1, "more": False}]

    for _ in range(2):
        assert archive.delete(path(study, name.upper())).status_code == 204
    assert archive.get(path(study)).json() == []
    assert Label.objects.get().name == name


def test_a_label_that_there_is_not_is_made_by_who_may(archive, member, client_of):
    user = member("viewers")
    user.user_permissions.add(Permission.objects.get(codename="label_study"))
    labeling, study = client_of(user), factories.study().study_instance_uid

    assert labeling.put(path(study, "new")).status_code == 404
    archive.put(path(study, "new"))
    assert labeling.put(path(study, "NEW")).status_code == 204
    assert archive.delete(path(study, "unknown")).status_code == 404


@pytest.mark.parametrize("name", ["x" * 41, "a\u202eb", "\0", " "])
def test_what_is_no_name_is_refused(archive, name):
    answer = archive.put(path(factories.study().study_instance_uid, name))

    assert answer.status_code == 400
    assert "needs a name" in answer.json()["message"]


def test_one_label_more_than_there_can_be_is_refused(archive, monkeypatch):
    monkeypatch.setattr(labels, "MOST", 0)

    assert archive.put(path(factories.study().study_instance_uid, "new")).status_code == 409


def test_a_study_that_is_not_stored_has_no_labels(archive):
    assert archive.get(path("1.2.3")).status_code == 404
    assert archive.put(path("1.2.3", "new")).status_code == 404
    assert archive.put(path("no-uid", "new")).status_code == 400
    assert not Label.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_study_that_was_deleted_has_none_any_more(archive):
    study = stored().study
    archive.put(path(study, "new"))
    delete(study)

    assert archive.get(path(study)).status_code == 410
    assert archive.put(path(study, "new")).status_code == 410


def test_labels_are_seen_by_who_sees_studies_and_changed_by_who_may(viewing, client):
    study = factories.study().study_instance_uid
    factories.label("teaching")

    assert viewing.get("/api/labels").status_code == 200
    assert viewing.get(path(study)).status_code == 200
    for method in ("put", "delete"):
        assert getattr(viewing, method)(path(study, "teaching")).status_code == 403
        assert getattr(client, method)(path(study, "teaching")).status_code == 401
    assert client.get("/api/labels").status_code == 401


def test_anybody_labels_where_the_archive_is_open(client, settings):
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"
    study = factories.study().study_instance_uid

    assert client.put(path(study, "new")).status_code == 204
    assert client.get(path(study)).json()[0]["by"] is None


def test_a_session_needs_the_token_of_the_page():
    study = factories.study().study_instance_uid
    browser = signed_in("reader", "uploaders")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies

    assert strict.put(path(study, "new")).status_code == 403
    token = "x" * 32
    strict.cookies["csrftoken"] = token
    assert strict.put(path(study, "new"), headers={"X-CSRFToken": token}).status_code == 204


def test_other_methods_are_answered_with_those_that_there_are(archive):
    answer = archive.post("/api/labels")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert archive.options("/api/labels").status_code == 405
