"""The worklist in the admin: what people look at, and what they can put right."""

import json
import re

import orjson
import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.workflow.rows import events, locks, step
from tests.workitems import code, data_set, references
from tests.worklist import application_entity as ae
from workflow.models import (
    ApplicationEntity,
    Event,
    GlobalSubscription,
    RuleFiring,
    Subscription,
    Workitem,
    WorkitemRule,
)
from workflow.services.subscribe import subscribe, subscribe_globally

pytestmark = pytest.mark.django_db(transaction=True)

READ_ONLY = [Workitem, Subscription, GlobalSubscription, Event, RuleFiring]
MODELS = [*READ_ONLY, ApplicationEntity, WorkitemRule]
HOSTILE = "<script>alert(1)</script>"
LOCK = "1.2.826.999"


@pytest.fixture
def admin_client() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("admin"))
    return client


def with_permissions(*codenames: str) -> Client:
    user = get_user_model().objects.create_user("somebody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def list_of(model: type) -> str:
    return reverse(f"admin:workflow_{model._meta.model_name}_changelist")


def page_of(row: object) -> str:
    return reverse(f"admin:workflow_{row._meta.model_name}_change", args=[row.pk])


def results(client: Client, model: type, **query: str) -> int:
    """How many rows a list shows."""
    response = client.get(list_of(model), query)
    assert response.status_code == 200
    return response.context["cl"].result_count


def act(client: Client, action: str, *rows: object, **others: str) -> HttpResponse:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(list_of(type(rows[0])), data | others, follow=True)


@pytest.fixture
def _a_worklist() -> None:
    row = step(
        ProcedureStepLabel=HOSTILE,
        PatientName="Müller^Jane",
        PatientID="ID-1",
        AdmissionID="ADM-1",
        InputInformationSequence=[references(("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5"), study="1.2.3")],
        ReferencedRequestSequence=[data_set(AccessionNumber="ACC-1", StudyInstanceUID="1.2.4")],
        ScheduledStationNameCodeSequence=[code("AIALG", "Algorithm")],
    )
    Workitem.objects.update(transaction_uid=LOCK)
    step(PatientName="Doe^John", PatientID="ID-2", ProcedureStepState="IN PROGRESS")
    ae("WATCHER", description=HOSTILE)
    subscribe_globally("WATCHER", deletion_lock=True, filter={"ScheduledProcedureStepPriority": ["MEDIUM"]})
    rule = WorkitemRule.objects.create(name=HOSTILE, template={"00741204": {"vr": "LO", "Value": [HOSTILE]}})
    RuleFiring.objects.create(rule=rule, study_instance_uid="1.2.3", sop_instance_uid=row.sop_instance_uid)


# -- looking ---------------------------------------------------------------------


@pytest.mark.usefixtures("_a_worklist")
@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages_of_every_model_are_shown_without_any_lock(admin_client, model):
    assert results(admin_client, model) == model.objects.count() > 0
    for url in (list_of(model), *map(page_of, model.objects.all())):
        page = admin_client.get(url)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert LOCK not in page.content.decode()


def test_every_model_that_people_look_at_is_registered():
    registered = {model for model in admin.site._registry if model._meta.app_label == "workflow"}

    assert registered == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_empty_lists_are_shown(admin_client, model):
    assert results(admin_client, model) == 0


@pytest.mark.usefixtures("_a_worklist")
@pytest.mark.parametrize("model", READ_ONLY)
def test_nothing_of_it_can_be_edited_even_by_an_administrator(admin_client, model):
    row = model.objects.first()
    for page, arguments in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        url = reverse(f"admin:workflow_{model._meta.model_name}_{page}", args=arguments)
        assert admin_client.post(url, {"post": "yes"}).status_code == 403

    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.usefixtures("_a_worklist")
@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("muller", 1),
        ("jane müll", 1),
        ("ID-1", 1),
        ("id-2", 1),
        ("ADM-1", 1),
        ("ACC-1", 1),
        ("1.2.3", 1),
        ("1.2.4", 1),
        ("uller", 0),
        ("1.2", 0),
        ("", 2),
        ("%", 0),
    ],
)
def test_workitems_are_found_by_what_identifies_them(admin_client, words, number):
    assert results(admin_client, Workitem, q=words) == number


@pytest.mark.parametrize("lookup", ["transaction_uid", "transaction_uid__startswith", "transaction_uid__regex"])
def test_nobody_finds_out_a_lock_by_filtering_by_it(admin_client, lookup):
    assert admin_client.get(list_of(Workitem), {lookup: "1"}).status_code == 400
    assert admin_client.get(list_of(Subscription), {f"workitem__{lookup}": "1"}).status_code == 400
    assert admin_client.get(list_of(Workitem), {"procedure_step_state__startswith": "IN"}).status_code == 200


def test_a_search_for_very_many_words_is_one(admin_client):
    assert results(admin_client, Workitem, q="a " * 2000) == 0


@pytest.mark.usefixtures("_a_worklist")
def test_the_steps_of_a_study_are_a_list(admin_client):
    assert results(admin_client, Workitem, study="1.2.3") == 1
    assert results(admin_client, Workitem, study="1.2.4") == 1
    assert results(admin_client, Workitem, study="1.2.5") == 0


@pytest.mark.usefixtures("_a_worklist")
def test_the_page_of_a_workitem_shows_its_data_set_and_leads_to_all_that_belongs_to_it(admin_client):
    row = Workitem.objects.get(patient_id="ID-1")

    page = admin_client.get(page_of(row)).content.decode()

    for shown in ("Algorithm (AIALG, 99TEST)", "Müller^Jane", "Accession Number", "ACC-1", "WATCHER"):
        assert shown in page
    for model, expected in ((Subscription, 1), (Event, 1), (Workitem, 1)):
        links = re.findall(rf'href="({list_of(model)}\?[^"]+)"', page)
        assert links, model
        for link in links:
            response = admin_client.get(link.replace("&amp;", "&"))
            assert response.context["cl"].result_count == expected
    assert "/admin/archive/study/?q=1.2.3" in page


@pytest.mark.usefixtures("_a_worklist")
def test_events_are_told_apart_by_whether_they_have_been_sent(admin_client):
    ApplicationEntity.objects.update(delivered_sequence=1)

    assert results(admin_client, Event, sent="yes") == 1
    assert results(admin_client, Event, sent="no") == 1
    assert results(admin_client, Event, type="1") == 2
    assert results(admin_client, Event, q="WATCHER") == 2
    (link,) = re.findall(r'href="([^"]+sent=no)"', admin_client.get(list_of(ApplicationEntity)).content.decode())
    response = admin_client.get(link.replace("&amp;", "&"))
    assert response.context["cl"].result_count == 1


@pytest.mark.usefixtures("_a_worklist")
@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_no_more_queries_for_more_rows(admin_client, model, django_assert_max_num_queries):
    for number in range(8):
        row = step()
        subscribe(row.sop_instance_uid, f"AE{number}", deletion_lock=False)
        GlobalSubscription.objects.create(subscriber=ae(f"AE{number}"), kind="GLOBAL")
        rule = WorkitemRule.objects.create(name=str(number))
        RuleFiring.objects.create(rule=rule, study_instance_uid="1.2.3", sop_instance_uid="1.2.4")
    with django_assert_max_num_queries(12):
        admin_client.get(list_of(model))


def test_who_may_not_view_workitems_does_not():
    assert with_permissions("view_subscription").get(list_of(Workitem)).status_code == 403


# -- cancelling ------------------------------------------------------------------


def state(row: Workitem) -> str:
    return Workitem.objects.get(pk=row.pk).procedure_step_state


@pytest.mark.parametrize("action", ["request_cancellation", "force_cancel"])
def test_a_step_is_canceled_with_a_reason_once_somebody_has_confirmed_it(admin_client, action):
    row = step()
    subscribe(row.sop_instance_uid, "WATCHER", deletion_lock=False)

    asked = act(admin_client, action, row)
    assert b'name="reason"' in asked.content
    assert state(row) == "SCHEDULED"

    act(admin_client, action, row, confirmed="yes", reason="the scanner is broken")

    assert state(row) == "CANCELED"
    assert events()[-1] == (row.sop_instance_uid, 1, "CANCELED")
    told = orjson.loads(Event.objects.latest("sequence").dicom_json)
    assert told["00741238"]["Value"] == ["the scanner is broken"]
    assert LogEntry.objects.get().object_id == str(row.pk)


def test_a_request_leaves_a_step_in_progress_to_its_performer_who_is_told_who_asks(admin_client):
    row = step(ProcedureStepState="IN PROGRESS")
    subscribe(row.sop_instance_uid, "PERFORMER", deletion_lock=False)
    ae("ADMINS").users.add(get_user_model().objects.get(username="admin"))

    act(admin_client, "request_cancellation", row, confirmed="yes", reason="")

    assert state(row) == "IN PROGRESS"
    assert events("PERFORMER")[-1][1] == 2
    assert orjson.loads(Event.objects.latest("sequence").dicom_json)["00741236"]["Value"] == ["ADMINS"]


def test_a_step_in_progress_is_canceled_by_force(admin_client):
    row = step(ProcedureStepState="IN PROGRESS")

    act(admin_client, "force_cancel", row, confirmed="yes")

    assert state(row) == "CANCELED"


def test_what_cannot_be_canceled_is_said_and_keeps_nothing_else_from_it(admin_client):
    done, scheduled = step(ProcedureStepState="COMPLETED"), step()

    page = act(admin_client, "request_cancellation", done, scheduled, confirmed="yes").content.decode()

    assert f"{done.sop_instance_uid}: The workitem is COMPLETED" in page
    assert (state(done), state(scheduled)) == ("COMPLETED", "CANCELED")


@pytest.mark.parametrize(
    ("permissions", "offered"),
    [
        (["view_workitem"], set()),
        (["view_workitem", "cancel_workitem"], {"request_cancellation"}),
        (["view_workitem", "cancel_workitem", "change_workitem"], {"request_cancellation", "force_cancel"}),
    ],
)
def test_who_may_not_cancel_is_not_offered_to_on_the_list_nor_on_the_page(permissions, offered):
    row, client = step(), with_permissions(*permissions)

    for action in ("request_cancellation", "force_cancel"):
        for url in (list_of(Workitem), page_of(row)):
            assert (action.encode() in client.get(url).content) == (action in offered)
        act(client, action, row, confirmed="yes")
        assert state(row) == ("CANCELED" if action in offered else "SCHEDULED")
        Workitem.objects.filter(pk=row.pk).update(procedure_step_state="SCHEDULED")


# -- subscriptions ---------------------------------------------------------------


def test_locks_are_taken_away_and_the_subscriptions_stay(admin_client):
    one, two = step(), step()
    subscribe_globally("WATCHER", deletion_lock=True, filter=None)
    subscription = Subscription.objects.get(workitem=one)

    act(admin_client, "strip_the_lock", subscription)
    assert locks() == {one.sop_instance_uid: True, two.sop_instance_uid: True}
    act(admin_client, "strip_the_lock", subscription, confirmed="yes")
    assert locks() == {one.sop_instance_uid: False, two.sop_instance_uid: True}

    act(admin_client, "strip_the_locks", GlobalSubscription.objects.get(), confirmed="yes")
    assert locks() == {one.sop_instance_uid: False, two.sop_instance_uid: False}
    assert not GlobalSubscription.objects.get().deletion_lock


def test_subscriptions_are_ended(admin_client):
    one, two = step(), step()
    subscribe_globally("WATCHER", deletion_lock=True, filter=None)

    act(admin_client, "unsubscribe", Subscription.objects.get(workitem=one), confirmed="yes")
    assert set(locks()) == {two.sop_instance_uid}

    standing = GlobalSubscription.objects.get()
    act(admin_client, "suspend", standing, confirmed="yes")
    assert (set(locks()), GlobalSubscription.objects.count()) == ({two.sop_instance_uid}, 0)

    subscribe_globally("WATCHER", deletion_lock=True, filter=None)
    act(admin_client, "unsubscribe_from_all", GlobalSubscription.objects.get(), confirmed="yes")
    assert (locks(), GlobalSubscription.objects.count()) == ({}, 0)


def test_both_global_subscriptions_of_an_ae_can_be_selected_to_be_ended(admin_client):
    step()
    for filter_ in (None, {"WorklistLabel": ["CHEST"]}):
        subscribe_globally("WATCHER", deletion_lock=True, filter=filter_)

    page = act(admin_client, "unsubscribe_from_all", *GlobalSubscription.objects.all(), confirmed="yes")

    assert page.status_code == 200
    assert (locks(), GlobalSubscription.objects.count()) == ({}, 0)


@pytest.mark.parametrize("action", ["strip_the_lock", "unsubscribe"])
def test_who_may_only_view_subscriptions_changes_none(action):
    row, client = step(), with_permissions("view_subscription", "view_workitem")
    subscribe(row.sop_instance_uid, "WATCHER", deletion_lock=True)

    act(client, action, Subscription.objects.get(), confirmed="yes")

    assert locks() == {row.sop_instance_uid: True}


# -- application entities --------------------------------------------------------


def save(client: Client, row: ApplicationEntity | None, **values: object) -> HttpResponse:
    url = page_of(row) if row else reverse("admin:workflow_applicationentity_add")
    return client.post(url, {"description": ""} | values)


def test_an_ae_is_registered_and_given_to_people(admin_client):
    user = get_user_model().objects.get(username="admin")

    save(admin_client, None, ae_title=" AIALG ", users=[user.pk])

    assert [*ApplicationEntity.objects.get(ae_title="AIALG").users.all()] == [user]


@pytest.mark.parametrize("title", ["", " ", "A\\B", "SEVENTEEN--LETTERS"[:17], "É"])
def test_what_is_no_ae_title_is_refused(admin_client, title):
    assert save(admin_client, None, ae_title=title).status_code == 200

    assert not ApplicationEntity.objects.exists()


def test_an_ae_keeps_its_title(admin_client):
    save(admin_client, ae("OLD"), ae_title="NEW", description="what it is")

    row = ApplicationEntity.objects.get()
    assert (row.ae_title, row.description) == ("OLD", "what it is")


@pytest.mark.usefixtures("_a_worklist")
def test_an_ae_is_deleted_with_its_subscriptions_and_events(admin_client):
    row = ae("WATCHER")
    url = reverse("admin:workflow_applicationentity_delete", args=[row.pk])

    assert b"with its subscriptions and events" in admin_client.get(url).content
    admin_client.post(url, {"post": "yes"})

    assert [model.objects.count() for model in (Event, Subscription, GlobalSubscription)] == [0, 0, 0]
    assert Workitem.objects.count() == 2


# -- rules -----------------------------------------------------------------------

TEMPLATE = data_set(
    ScheduledProcedureStepPriority="HIGH",
    ProcedureStepLabel="Triage",
    ScheduledStationNameCodeSequence=[code("AIALG")],
)


def save_rule(client: Client, **values: object) -> HttpResponse:
    usual = {"name": "Triage", "enabled": "on", "filter": "", "quiet_seconds": "60", "template": json.dumps(TEMPLATE)}
    return client.post(reverse("admin:workflow_workitemrule_add"), usual | values)


def test_a_new_rule_begins_with_a_template_that_can_fire(admin_client):
    form = admin_client.get(reverse("admin:workflow_workitemrule_add")).context["adminform"].form

    assert save_rule(admin_client, template=form["template"].value()).status_code == 302


def test_a_rule_that_can_fire_is_kept(admin_client):
    assert save_rule(admin_client, filter="ModalitiesInStudy=CT").status_code == 302

    rule = WorkitemRule.objects.get()
    assert (rule.filter, rule.template) == ("ModalitiesInStudy=CT", TEMPLATE)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"filter": "StudyDate=yesterday"}, "Filter:"),
        ({"filter": "NoSuchAttribute=1"}, "Filter:"),
        ({"template": "{}"}, "Template:"),
        ({"template": "[1]"}, "Template:"),
        ({"template": "{"}, "valid JSON"),
        ({"template": json.dumps({"00741200": {"vr": "CS", "Value": ["WHENEVER"]}})}, "Template:"),
    ],
)
def test_a_rule_that_could_not_fire_is_refused_with_the_reasons(admin_client, wrong, said):
    page = save_rule(admin_client, **wrong)

    assert page.status_code == 200
    assert said in page.content.decode()
    assert not WorkitemRule.objects.exists()
