"""Requests in the trail: what each is called, who it was, and which way they came."""

import base64
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import get_resolver
from knox.models import AuthToken

from archive.audit.events import Action
from archive.models import Study
from config.auditing.accesses import PAGES, TRANSACTIONS
from dicomweb.permissions import NEEDED
from tests import builders, factories
from tests.people import signed_in
from tests.storing import StoredFile, stored
from tests.worklist import created
from workflow.models import Workitem

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"


@pytest.fixture
def file() -> StoredFile:
    return stored(PatientName="Secret^Name", PatientBirthDate="19450508")


@pytest.fixture
def reader() -> Client:
    return signed_in("reader", "viewers")


@pytest.fixture
def told(trail) -> Callable[[], list[tuple[str, ...]]]:
    """What the trail has of requests, in short."""

    def short() -> list[tuple[str, ...]]:
        return [
            (event.person, event.action, event.way, event.study_instance_uid)
            for event in trail()
            if event.way != "command"
        ]

    return short


def test_reading_is_noted_by_pages_and_dicomweb_alike(reader, file, told):
    for path in (
        f"/studies/{file.study}",
        f"/studies/{file.study}/series/{file.series}/look",
        f"{ROOT}/studies/{file.study}/metadata",
        f"/studies/{file.study}/zip",
        f"{ROOT}/studies/{file.study}",
        f"{ROOT}/studies?PatientName=Secret*",
        "/",
    ):
        assert reader.get(path).status_code == 200

    assert told() == [
        ("reader", "accessed", "page", file.study),
        ("reader", "exported", "page", file.study),
        ("reader", "query", "page", ""),
        ("reader", "retrieved", "page", file.study),
    ]


def test_the_viewer_is_told_from_pages_by_where_it_asks_from(reader, file, told):
    viewer = f"http://testserver/viewer/viewer?StudyInstanceUIDs={file.study}"

    reader.get(f"{ROOT}/studies/{file.study}/metadata", headers={"Referer": viewer})

    assert told() == [("reader", "accessed", "viewer", file.study)]


@pytest.mark.parametrize("kind", ["token", "password"])
def test_programs_are_named_with_what_they_have_shown(file, trail, kind):
    user = get_user_model().objects.create_user("gateway", password="correct horse")
    user.groups.set([Group.objects.get(name="viewers")])
    instance, token = AuthToken.objects.create(user)
    basic = base64.b64encode(b"gateway:correct horse").decode()
    shown = {"token": f"Token {token}", "password": f"Basic {basic}"}[kind]

    Client(headers={"authorization": shown}).get(f"{ROOT}/studies/{file.study}", REMOTE_ADDR="192.0.2.9")

    (event,) = trail(way="dicomweb")
    assert (event.person, event.action, event.address) == ("gateway", "retrieved", "192.0.2.9")
    assert event.credential == {"token": f"token {instance.token_key[:8]}", "password": "password"}[kind]
    assert token not in event.credential


def test_where_anybody_may_read_it_is_nobody_with_an_address(client, file, trail, settings):
    settings.ARCHIVE_ANONYMOUS_ACCESS = "read"

    client.get(f"{ROOT}/studies/{file.study}/metadata")
    client.get(f"{ROOT}/wado?requestType=WADO&studyUID={file.study}&seriesUID={file.series}&objectUID={file.instance}")

    events = trail(way="dicomweb")
    assert [(event.person, event.credential, event.action) for event in events] == [
        ("", "", "accessed"),
        ("", "", "retrieved"),
    ]
    assert {event.study_instance_uid for event in events} == {file.study}
    assert {event.address for event in events} == {"127.0.0.1"}


def test_what_is_stored_is_noted_with_its_studies_and_what_is_refused_too(trail):
    client = signed_in("gateway", "uploaders")
    data_set = builders.instance()

    for content in (builders.part10(data_set), builders.part10(data_set), b"no DICOM"):
        client.post(f"{ROOT}/studies", content, content_type="application/dicom")

    assert [(event.action, event.succeeded, event.study_instance_uid, event.times) for event in trail(way="page")] == [
        ("store begun", True, "", 3),
        ("stored", False, "", 1),
        ("stored", True, data_set.StudyInstanceUID, 1),
    ]


@pytest.mark.django_db(transaction=True)
def test_deletion_is_noted_wherever_it_is_done(trail):
    client = signed_in("administrator", is_superuser=True)
    over_dicomweb, on_a_page, in_part = stored(), stored(), stored()

    client.delete(f"{ROOT}/studies/{over_dicomweb.study}")
    client.post("/delete", {"study": on_a_page.study})
    client.delete(f"{ROOT}/studies/{in_part.study}/series/{in_part.series}")

    events = trail(action="deleted", succeeded=True)
    assert {(event.study_instance_uid, event.subject) for event in events} == {
        (over_dicomweb.study, ""),
        (on_a_page.study, ""),
        (in_part.study, f"series {in_part.series}"),
    }
    assert {event.person for event in events} == {"administrator"}


def test_who_is_refused_is_noted(file, trail):
    stranger = signed_in("stranger")

    stranger.get(f"/studies/{file.study}")
    stranger.delete(f"{ROOT}/studies/{file.study}")

    assert [(event.action, event.succeeded) for event in trail(person="stranger", way__in=["page", "dicomweb"])] == [
        ("accessed", False),
        ("deleted", False),
    ]


def test_who_has_to_sign_in_first_has_seen_nothing(client, file, told):
    client.get(f"/studies/{file.study}")
    client.get(f"{ROOT}/studies/{file.study}")
    signed_in("reader", "viewers").get("/studies/1.2.3.4.5")

    assert told() == []


def test_nobody_writes_into_the_trail_by_a_query_that_a_page_does_not_read(client, file, told, settings):
    settings.ARCHIVE_SHARE_LINKS = True
    for path in ("/login/", "/shared/", "/live", "/healthz", f"{ROOT}/studies"):
        client.get(path, {"study": [file.study, "1.2.3"]})
    signed_in("uploader", "uploaders").get("/upload/", {"study": file.study})

    assert told() == []


def test_studies_that_a_query_names_are_noted_where_they_are_stored(reader, file, told):
    reader.head("/zip/deidentified", {"study": [file.study, "1.2.3", file.study]})

    assert told() == [("reader", "exported", "page", file.study)]


def test_what_pages_look_for_by_themselves_is_not_noted(reader, file, told):
    reader.get("/arrivals", {"newest": Study.objects.get().pk})
    reader.get(f"/studies/{file.study}/growth", {"objects": 1})
    reader.get("/healthz")

    assert told() == []


def test_what_pages_look_for_by_themselves_is_noted_when_it_tells_something(file, told):
    """Else somebody could ask for all of it in this way, and nobody would know."""
    workitem = created()
    curious = signed_in("curious", "admins")

    assert b"Secret" not in curious.get("/arrivals", {"newest": 0, "name": "Secret"}).content
    curious.get(f"/studies/{file.study}/growth", {"objects": 0})
    curious.get("/worklist/changes", {"shown": f"{Workitem.objects.get().pk}:"})
    curious.get(f"/worklist/{workitem}/changes")

    assert told() == [
        ("curious", "accessed", "page", file.study),
        ("curious", "procedure", "page", ""),
        ("curious", "query", "page", ""),
    ]


def test_rows_of_the_admin_are_noted_with_their_study(file, trail):
    client = signed_in("administrator", is_staff=True, is_superuser=True)
    for model in ("study", "series", "instance"):
        listing = client.get(f"/admin/archive/{model}/")
        assert listing.status_code == 200
        row = listing.context["cl"].result_list[0]
        assert client.get(f"/admin/archive/{model}/{row.pk}/change/").status_code == 200

    assert [(event.action, event.study_instance_uid, event.times) for event in trail(way="admin")] == [
        ("accessed", file.study, 3),
        ("query", "", 3),
    ]


@pytest.mark.parametrize("spelling", ["+{0}", "%20{0}", "0{0}"])
def test_a_row_of_the_admin_is_noted_however_its_key_is_spelled(file, trail, spelling):
    client = signed_in("administrator", is_staff=True, is_superuser=True)
    key = spelling.format(Study.objects.get().pk)

    assert client.get(f"/admin/archive/study/{key}/change/").status_code == 200

    assert [event.study_instance_uid for event in trail(way="admin")] == [file.study]


def test_steps_of_the_worklist_are_noted_by_their_uid(trail):
    workitem = created()
    client = signed_in("scheduler", "admins")

    assert client.get(f"{ROOT}/workitems/{workitem}").status_code == 200
    assert client.get(f"/worklist/{workitem}").status_code == 200

    (event,) = trail(action="procedure")
    assert (event.person, event.subject, event.times) == ("scheduler", f"workitem {workitem}", 2)


def test_labels_are_noted_with_their_keys(trail):
    client = signed_in("administrator", is_superuser=True)
    study, label = stored().study, factories.label("teaching")

    client.put(f"/api/studies/{study}/labels/teaching")
    client.delete(f"/api/studies/{study}/labels/teaching")

    events = trail(action="labeled", study_instance_uid=study)
    assert {event.subject for event in events} == {f"label {label.pk}: put on", f"label {label.pk}: taken off"}


def test_nothing_of_the_patient_is_in_the_trail(reader, file, trail):
    reader.get("/?name=Secret&born=19450508")
    reader.get(f"{ROOT}/studies/Secret^Name/metadata")
    reader.get(f"/studies/{file.study}")
    reader.get(f"{ROOT}/wado?requestType=WADO&studyUID=Secret^Name")

    texts = [str(value) for event in trail() for value in vars(event).values()]
    assert not [text for text in texts if "Secret" in text or "1945" in text]


# -- the tables --------------------------------------------------------------------


def test_every_transaction_is_in_the_table_or_is_between_aes():
    assert NEEDED.keys() - TRANSACTIONS.keys() == {
        *("subscribe", "unsubscribe", "suspend", "event_channel", "event_feed", "event_ticket"),
    }
    assert TRANSACTIONS.keys() <= NEEDED.keys()


def test_the_pages_of_the_table_are_there():
    names = {
        f"{resolver.namespace}:{row.name}"
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "namespace", None)
        for row in resolver.url_patterns
        if hasattr(row, "name")
    }

    assert PAGES.keys() <= names


# -- accounts ----------------------------------------------------------------------


def test_signing_in_and_out_is_noted(client, trail):
    get_user_model().objects.create_user("reader", password="correct horse")
    form = {"username": "reader", "password": "correct horse"}

    client.post("/login/", form, REMOTE_ADDR="192.0.2.1")
    client.post("/logout/")

    events = trail(person="reader")
    assert [(event.action, event.succeeded, event.way) for event in events] == [
        ("signed in", True, "page"),
        ("signed out", True, "page"),
    ]
    assert events[0].address == "192.0.2.1"


@pytest.mark.parametrize(("name", "kept"), [("reader", "reader"), ("a password in the wrong field", "")])
@pytest.mark.parametrize("basic", [False, True])
def test_a_wrong_password_is_noted_with_the_name_of_an_account_and_no_other(client, trail, name, kept, basic):
    get_user_model().objects.create_user("reader", password="correct horse")
    trail()

    if basic:
        shown = base64.b64encode(f"{name}:wrong".encode()).decode()
        client.get(f"{ROOT}/studies", headers={"Authorization": f"Basic {shown}"})
    else:
        client.post("/login/", {"username": name, "password": "wrong"})

    assert [(event.person, event.succeeded) for event in trail(action="signed in")] == [(kept, False)]


def test_a_wrong_token_is_noted(client, trail):
    client.get(f"{ROOT}/studies", headers={"Authorization": "Token 0123456789abcdef"})

    (event,) = trail()
    assert (event.action, event.succeeded, event.person, event.way) == ("signed in", False, "", "dicomweb")


def test_changes_of_who_may_do_what_are_noted(trail):
    administrator = signed_in("administrator", is_staff=True, is_superuser=True)
    user = get_user_model().objects.create_user("reader")
    trail()
    form = {"username": "reader", "is_active": "on", "groups": [str(Group.objects.get(name="viewers").pk)]}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}

    assert administrator.post(f"/admin/auth/user/{user.pk}/change/", form).status_code == 302
    token, _ = AuthToken.objects.create(user)
    token.delete()
    user.delete()

    by_admin = trail(way="admin", action=Action.ACCESS_CHANGED)
    assert {(event.person, event.subject) for event in by_admin} == {
        ("administrator", "user reader: changed"),
        ("administrator", "user reader: given or taken permissions or groups"),
    }
    assert {event.subject for event in trail(way="command", action=Action.ACCESS_CHANGED)} >= {
        "user reader: made",
        f"token {token.token_key[:8]} of reader: made",
        f"token {token.token_key[:8]} of reader: removed",
        "user reader: removed",
    }
