"""What people do with stored objects in the admin, each with a permission of its own."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from archive import task_messages
from archive.admin import indexing, studies
from archive.models import FailedTask, Instance, Study
from archive.services import failed_tasks
from archive.storage import blobs
from tests.people import signed_in
from tests.storing import stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator", "admins", is_staff=True)


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer", "viewers", is_staff=True)


def take(client: Client, model: type, action: str, **options: object) -> HttpResponse:
    rows = list(model.objects.order_by("pk").values_list("pk", flat=True))
    data = {"action": action, "_selected_action": rows}
    return client.post(reverse(f"admin:archive_{model._meta.model_name}_changelist"), data, **options)


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_studies_are_downloaded_together(viewer):
    files = [stored(), stored()]

    response = take(viewer, Study, "download")

    address, _, query = response["Location"].partition("?")
    assert address == "/zip"
    assert set(query.split("&")) == {f"study={file.study}" for file in files}
    assert viewer.get(response["Location"]).status_code == 200


def test_studies_are_opened_side_by_side_in_the_viewer(viewer):
    files = [stored(), stored()]

    address = take(viewer, Study, "show")["Location"]

    assert address.startswith("/viewer/viewer?StudyInstanceUIDs=")
    assert all(file.study in address for file in files)


@pytest.mark.parametrize("action", ["download", "delete_with_objects"])
def test_too_many_studies_are_refused_whole(administrator, monkeypatch, action):
    monkeypatch.setattr(studies, "MOST", 1)
    stored()
    stored()

    assert "more than 1 studies" in said(take(administrator, Study, action, follow=True))
    assert Study.objects.count() == 2


@pytest.mark.parametrize("model", [Study, Instance])
def test_what_is_indexed_again_is_right_afterwards(administrator, model):
    stored()
    stored()
    Instance.objects.update(rows=None)

    response = take(administrator, model, "index_again", follow=True)

    assert "2 instances were indexed again." in said(response)
    assert not Instance.objects.filter(rows=None).exists()


def test_what_cannot_be_indexed_again_is_named(administrator):
    file = stored()
    blobs().delete(Instance.objects.get().blob_key)

    assert file.instance in said(take(administrator, Instance, "index_again", follow=True))


def test_more_than_one_waits_for_is_for_the_command(administrator, monkeypatch):
    monkeypatch.setattr(indexing, "MOST", 1)
    stored()
    stored()
    Instance.objects.update(rows=None)

    assert "manage.py reindex" in said(take(administrator, Study, "index_again", follow=True))
    assert Instance.objects.filter(rows=None).count() == 2


def test_who_may_only_look_is_not_offered_what_changes_something(viewer):
    stored()
    Instance.objects.update(rows=None)

    page = viewer.get(reverse("admin:archive_study_changelist")).content.decode()
    take(viewer, Instance, "index_again")

    assert '<option value="download">' in page
    assert "index_again" not in page
    assert "delete_with_objects" not in page
    assert Instance.objects.filter(rows=None).exists()


def test_a_failed_task_is_sent_again_by_those_who_may(administrator, viewer, monkeypatch):
    failed_tasks.note("archive.tasks.derive", [[7]], OSError())
    sent = []
    monkeypatch.setattr(task_messages.current_app, "send_task", lambda name, args, **how: sent.append((name, args)))

    take(viewer, FailedTask, "retry")
    assert sent == []

    take(administrator, FailedTask, "retry")
    assert sent == [("archive.tasks.derive", [[7]])]
    assert FailedTask.objects.exists()


def test_that_the_broker_is_away_is_said(administrator, monkeypatch):
    failed_tasks.note("archive.tasks.derive", [[7]], OSError())

    def away(*arguments: object, **how: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(task_messages.current_app, "send_task", away)

    assert "the broker cannot be reached" in said(take(administrator, FailedTask, "retry", follow=True))
