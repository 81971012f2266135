"""The archive in the Django admin: what people look at and find, cannot change, and can delete."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pydicom.dataset import Dataset

from archive.derivation import derive
from archive.models import (
    AuditEvent,
    Derivation,
    DerivedBlob,
    Destination,
    FailedTask,
    Instance,
    Label,
    Patient,
    SendOrder,
    Series,
    ShareLink,
    Study,
    UploadedFile,
    UploadReceipt,
)
from archive.services import failed_tasks
from archive.storage import blobs
from tests.builders import instance
from tests.storing import stored

pytestmark = pytest.mark.django_db

MODELS = [Patient, Study, Series, Instance, Derivation, DerivedBlob, FailedTask]


def named(name: str) -> Client:
    user = get_user_model().objects.create_user(name, is_staff=True)
    client = Client()
    client.force_login(user)
    return client


def list_of(model: type) -> str:
    return reverse(f"admin:archive_{model._meta.model_name}_changelist")


def results(client: Client, model: type, **query: str) -> int:
    """How many rows a list shows."""
    response = client.get(list_of(model), query)
    assert response.status_code == 200
    return response.context["cl"].result_count


@pytest.fixture
def admin_client() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("admin"))  # without a password: hashing is slow
    return client


@pytest.fixture
def _some_studies() -> None:
    request = Dataset()
    request.ScheduledProcedureStepID, request.RequestedProcedureID = "SPS-1", "RP-1"
    stored(
        instance(
            PatientName="Müller-Lüdenscheidt^Jane=山田^花子",
            PatientID="ID-1",
            AccessionNumber="ACC-1",
            StudyDescription="<script>alert(1)</script>",
            RequestAttributesSequence=[request],
            SpecificCharacterSet="ISO_IR 192",
        )
    )
    stored(PatientName="Smith^John", PatientID="ID-2", AccessionNumber="ACC-2", Modality="MR")
    stored(PatientName=None, PatientID=None, AccessionNumber="ACC-3", Modality=None)
    for row in Instance.objects.all():
        derive(row.pk)
    failed_tasks.note("archive.tasks.derive", [[1]], OSError())


@pytest.mark.usefixtures("_some_studies")
@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages_of_every_model_are_shown(admin_client, model):
    assert results(admin_client, model) == model.objects.count() > 0
    for row in model.objects.all():
        page = admin_client.get(reverse(f"admin:archive_{model._meta.model_name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


def test_every_model_with_rows_of_its_own_is_registered():
    registered = {model for model in admin.site._registry if model._meta.app_label == "archive"}
    assert registered == {*MODELS, AuditEvent, Destination, Label, SendOrder, ShareLink, UploadReceipt, UploadedFile}


@pytest.mark.parametrize("model", MODELS)
def test_empty_lists_are_shown(admin_client, model):
    assert results(admin_client, model) == 0


@pytest.mark.usefixtures("_some_studies")
@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted_even_by_an_administrator(admin_client, model):
    row = model.objects.first()
    before = model.objects.filter(pk=row.pk).values().get()
    for page, arguments in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        url = reverse(f"admin:archive_{model._meta.model_name}_{page}", args=arguments)
        assert admin_client.post(url, {"post": "yes", "patient_id": "X"}).status_code == 403
    admin_client.post(list_of(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})

    assert model.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.usefixtures("_some_studies")
@pytest.mark.parametrize("model", [Patient, Study])
@pytest.mark.parametrize(
    "words",
    [
        "Müller",
        "muller",
        "MÜLLER-LÜD",
        "Jane",
        "jan",
        "山田",
        "花",
        "Jane Müller",
        "müller jane",
        "ID-1",
        "id-1",
        " ID-1 ",
    ],
)
def test_people_are_found_by_the_beginning_of_any_part_of_the_name_or_by_id(admin_client, model, words):
    assert results(admin_client, model, q=words) == 1


@pytest.mark.usefixtures("_some_studies")
@pytest.mark.parametrize("model", [Patient, Study])
@pytest.mark.parametrize("words", ["ller", "Smithson", "Jane Smith", "ID", "%", "_mith", "*"])
def test_people_are_not_found_by_anything_else(admin_client, model, words):
    assert results(admin_client, model, q=words) == 0


@pytest.mark.usefixtures("_some_studies")
def test_studies_series_and_instances_are_found_by_what_identifies_them(admin_client):
    row = Instance.objects.select_related("series__study").get(series__study__accession_number="ACC-2")
    series, study = row.series, row.series.study

    for words in (study.study_instance_uid, "ACC-2", "ID-2"):
        assert results(admin_client, Study, q=words) == 1
    for words in (series.series_instance_uid, study.study_instance_uid, "ACC-2"):
        assert results(admin_client, Series, q=words) == 1
    for words in (row.sop_instance_uid, series.series_instance_uid, row.blob_key):
        assert results(admin_client, Instance, q=words) == 1


@pytest.mark.usefixtures("_some_studies")
def test_links_lead_down_from_patients_to_instances_and_up_again(admin_client):
    page = admin_client.get(list_of(Patient), {"q": "ID-2"}).content.decode()
    for below in ("study", "series", "instance"):
        (link,) = re.findall(rf'href="(/admin/archive/{below}/\?[^"]+)"', page)
        response = admin_client.get(link)
        assert response.context["cl"].result_count == 1
        page = response.content.decode()
    for above in ("series", "study", "patient"):
        link = re.search(rf'href="(/admin/archive/{above}/\d+/change/)"', page)
        assert link, f"no link to the {above}"
        assert admin_client.get(link[1]).status_code == 200
        page = admin_client.get(list_of({"series": Series, "study": Study}.get(above, Patient)), {"q": "ACC-2"})
        page = page.content.decode()


@pytest.mark.usefixtures("_some_studies")
def test_the_page_of_a_series_shows_what_was_requested(admin_client):
    series = Series.objects.get(study__accession_number="ACC-1")

    page = admin_client.get(reverse("admin:archive_series_change", args=[series.pk])).content.decode()

    assert "SPS-1" in page
    assert "RP-1" in page


@pytest.mark.usefixtures("_some_studies")
@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_no_more_queries_for_more_rows(admin_client, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        admin_client.get(list_of(model))
    for _ in range(5):
        stored(PatientID="ID-5")
    with django_assert_max_num_queries(12):
        admin_client.get(list_of(model))


# -- groups ----------------------------------------------------------------------


def test_the_groups_have_their_permissions():
    """Those who may add also see; nobody but admins changes, deletes or shares, nor sees who did what."""
    permissions = Permission.objects.filter(content_type__app_label="archive")
    actions = {
        group.name: {permission.codename.partition("_")[0] for permission in permissions.filter(group=group)}
        for group in Group.objects.filter(permissions__in=permissions)
    }

    assert actions == {
        "viewers": {"view"},
        "uploaders": {"view", "add", "label"},
        "senders": {"send"},
        "admins": {"view", "add", "change", "delete", "label", "share", "send", "manage"},
    }
    for name in actions.keys() - {"senders"}:
        models = {permission.content_type.model for permission in permissions.filter(group__name=name)}
        assert {"patient", "study", "series", "instance"} <= models
        assert ({"auditevent", "sharelink"} <= models) == (name == "admins")


@pytest.mark.usefixtures("_some_studies")
@pytest.mark.parametrize("model", MODELS)
def test_viewers_who_are_staff_see_the_lists_and_others_do_not(model):
    client = named("somebody")
    assert client.get(list_of(model)).status_code == 403

    Group.objects.get(name="viewers").user_set.add(get_user_model().objects.get(username="somebody"))

    assert results(client, model) > 0


# -- deleting --------------------------------------------------------------------


def delete(client: Client, **others: str) -> HttpResponse:
    data = {"action": "delete_with_objects", "_selected_action": list(Study.objects.values_list("pk", flat=True))}
    return client.post(list_of(Study), data | others)


@pytest.mark.django_db(transaction=True)
def test_studies_are_deleted_with_their_objects_once_somebody_has_confirmed_it(admin_client):
    file = stored()
    stored(StudyDescription="<script>alert(1)</script>")

    asked = delete(admin_client)

    assert asked.status_code == 200
    assert file.study in asked.content.decode()
    assert b"<script>alert(1)" not in asked.content
    assert Study.objects.count() == 2

    assert delete(admin_client, confirmed="yes").status_code == 302

    assert not Study.objects.exists()
    assert list(blobs().listing()) == []
    assert LogEntry.objects.filter(action_flag=DELETION).count() == 2


def test_who_may_not_delete_instances_is_not_offered_to():
    client = named("somebody")
    Group.objects.get(name="viewers").user_set.add(get_user_model().objects.get(username="somebody"))
    stored()

    delete(client, confirmed="yes")

    assert b"delete_with_objects" not in client.get(list_of(Study)).content
    assert Study.objects.exists()
