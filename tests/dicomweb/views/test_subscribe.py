"""CreateSubscription (PS3.18 Section 11.10) over HTTP."""

import pytest
from django.test import Client

from tests.dicomweb.worklist_requests import FILTERED, GLOBAL, path, send, told
from tests.workitems import code
from tests.worklist import application_entity, created, told_briefly
from workflow.models import GlobalSubscription, Subscription, WorkitemTombstone

pytestmark = pytest.mark.django_db

CHANNEL = "ws://testserver/dicom-web/subscribers"


def subscriptions(ae_title: str = "WATCHER") -> dict[str, bool]:
    """The workitems that it is subscribed to, and whether with a lock."""
    found = Subscription.objects.filter(subscriber__ae_title=ae_title)
    return dict(found.values_list("workitem__sop_instance_uid", "deletion_lock"))


def standing(ae_title: str = "WATCHER") -> dict[str, bool]:
    """Its global subscriptions by kind, and whether with a lock."""
    found = GlobalSubscription.objects.filter(subscriber__ae_title=ae_title)
    return dict(found.values_list("kind", "deletion_lock"))


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("query", "lock"),
    [
        ("", False),
        ("?deletionlock=false", False),
        ("?deletionlock=true", True),
        ("?DeletionLock=TRUE", True),
        ("?deletionlock=False&_=1", False),
    ],
)
def test_to_one_workitem(worklist, slash, query, lock):
    uid = created()

    response = send(worklist, "POST", f"{path(uid)}/subscribers/WATCHER{slash}{query}")

    assert told(response) == (201, None)
    assert response["Content-Location"] == response["Location"] == f"{CHANNEL}/WATCHER"
    assert response.content == b""
    assert subscriptions() == {uid: lock}
    assert told_briefly() == ["1 SCHEDULED"]


def test_again_it_replaces_the_lock(worklist):
    uid = created()

    for query, lock in (("?deletionlock=true", True), ("", False)):
        assert told(send(worklist, "POST", f"{path(uid)}/subscribers/WATCHER{query}")) == (201, None)
        assert subscriptions() == {uid: lock}


@pytest.mark.parametrize("query", ["", "?deletionlock=true"])
def test_to_all_of_them(worklist, query):
    uids = {created(), created()}

    response = send(worklist, "POST", f"{GLOBAL}/subscribers/WATCHER{query}")

    assert told(response) == (201, None)
    assert response["Content-Location"] == f"{CHANNEL}/WATCHER"
    assert standing() == {"GLOBAL": bool(query)}
    assert subscriptions() == dict.fromkeys(uids, bool(query))


@pytest.mark.parametrize("lock", ["", "&deletionlock=true"])
@pytest.mark.parametrize(
    "query",
    [
        "WorklistLabel=AI&ScheduledStationNameCodeSequence.CodeValue=AIALG",
        "00741202=AI&00404025.00080100=AIALG",
        "filter=WorklistLabel%3DAI%2CScheduledStationNameCodeSequence.CodeValue%3DAIALG",
        "Filter=WorklistLabel%3DAI%2C00404025.00080100%3DAIALG",
        "filter=WorklistLabel=AI,ScheduledStationNameCodeSequence.CodeValue=AI*",
    ],
)
def test_H07_to_those_that_match_in_both_spellings(worklist, query, lock):
    matching = created(WorklistLabel="AI", ScheduledStationNameCodeSequence=[code("AIALG")])
    created(WorklistLabel="AI")

    assert told(send(worklist, "POST", f"{FILTERED}/subscribers/WATCHER?{query}{lock}")) == (201, None)
    later = created(WorklistLabel="AI", ScheduledStationNameCodeSequence=[code("X"), code("AIALG")])

    assert standing() == {"FILTERED": bool(lock)}
    assert subscriptions() == {matching: bool(lock), later: bool(lock)}


def test_H07_where_there_are_no_filtered_subscriptions_the_answer_says_so(worklist, settings):
    settings.ARCHIVE_UPS_FILTERED_SUBSCRIPTIONS = "refuse"

    response = send(worklist, "POST", f"{FILTERED}/subscribers/WATCHER?filter=WorklistLabel%3DAI")

    assert told(response) == (403, "Filtered Worklist Subscriptions are not supported.")
    assert standing() == {}
    assert told(send(worklist, "POST", f"{GLOBAL}/subscribers/WATCHER")) == (201, None)


def test_a_second_filter_replaces_the_first(worklist):
    for label in ("A", "B"):
        assert told(send(worklist, "POST", f"{FILTERED}/subscribers/WATCHER?WorklistLabel={label}")) == (201, None)

    assert subscriptions() == {}
    uid = created(WorklistLabel="B")
    created(WorklistLabel="A")
    assert subscriptions() == {uid: False}


@pytest.mark.parametrize("target", ["one", "all", "filtered"])
def test_a_lock_that_is_not_granted_is_said(worklist, settings, target):
    settings.ARCHIVE_UPS_DELETION_LOCKS = "refuse"
    uid = created()
    url = {"one": path(uid), "all": GLOBAL, "filtered": FILTERED}[target]
    more = "&WorklistLabel=CHEST" if target == "filtered" else ""

    response = send(worklist, "POST", f"{url}/subscribers/WATCHER?deletionlock=true{more}")

    assert told(response) == (201, "Deletion Lock not granted.")
    assert response.json()["message"] == "Deletion Lock not granted."
    assert response["Content-Location"] == f"{CHANNEL}/WATCHER"
    assert subscriptions() == {uid: False}
    assert told(send(worklist, "POST", f"{url}/subscribers/WATCHER?deletionlock=false{more}")) == (201, None)


@pytest.mark.parametrize(
    ("title", "read", "url"),
    [
        ("A%2FB", "A/B", "A%2FB"),
        ("A/B", "A/B", "A%2FB"),
        ("WATCHER%201", "WATCHER 1", "WATCHER%201"),
        ("%20WATCHER%20", "WATCHER", "WATCHER"),
        ("100%25", "100%", "100%25"),
        ("a%3Fb%23c", "a?b#c", "a%3Fb%23c"),
        ("suspend", "suspend", "suspend"),
        ("1.2.3", "1.2.3", "1.2.3"),
    ],
)
def test_every_ae_title_can_be_in_a_path(worklist, title, read, url):
    uid = created()

    response = send(worklist, "POST", f"{path(uid)}/subscribers/{title}")

    assert response.status_code == 201
    assert response["Content-Location"] == f"{CHANNEL}/{url}"
    assert subscriptions(read) == {uid: False}
    assert send(worklist, "DELETE", f"{path(uid)}/subscribers/{title}").status_code == 200
    assert subscriptions(read) == {}


@pytest.mark.parametrize(
    "title", ["", "%20", "SEVENTEEN_LETTERS", "A%5CB", "%C3%84", "A%0AB", "A%00", "A%7F", "%F0%9F%A9%BA"]
)
@pytest.mark.parametrize("target", ["1.2.3", "global"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_H11_what_is_no_ae_title_is_refused(worklist, method, target, title):
    url = GLOBAL if target == "global" else path(target)

    assert send(worklist, method, f"{url}/subscribers/{title}").status_code == 400
    assert not GlobalSubscription.objects.exists()


@pytest.mark.parametrize(
    ("url", "query"),
    [
        *(
            (url, lock)
            for url in (path("1.2.3"), GLOBAL)
            for lock in ("deletionlock=yes", "deletionlock=", "deletionlock")
        ),
        (GLOBAL, "deletionlock=true&deletionlock=false"),
        (GLOBAL, "filter=WorklistLabel%3DA"),
        (GLOBAL, "WorklistLabel=A"),
        (path("1.2.3"), "filter=WorklistLabel%3DA"),
        (FILTERED, ""),
        (FILTERED, "filter="),
        (FILTERED, "deletionlock=true"),
        (FILTERED, "filter=WorklistLabel"),
        (FILTERED, "filter=WorklistLabel%3D"),
        (FILTERED, "filter=WorklistLable%3DA"),
        (FILTERED, "WorklistLable=A"),
        (FILTERED, "0074120=A"),
        (FILTERED, "00081195=1.2.3"),
        (FILTERED, "TransactionUID=1.2.3"),
        (FILTERED, "00001000=1.2.3"),
        (FILTERED, "WorklistLabel=A&00741202=A"),
        (FILTERED, "filter=WorklistLabel%3DA%2C00741202%3DA"),
        (FILTERED, "filter=WorklistLabel%3DA&WorklistLabel=A"),
        (FILTERED, "ScheduledProcedureStepStartDateTime=x"),
        (FILTERED, "WorklistLabel=%ff"),
    ],
)
def test_H07_H11_what_is_no_subscription_is_refused(worklist, url, query):
    assert send(worklist, "POST", f"{url}/subscribers/WATCHER?{query}").status_code == 400
    assert not GlobalSubscription.objects.exists()


def test_to_one_that_never_was_is_404_and_to_one_that_was_purged_410(worklist):
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.4")

    assert send(worklist, "POST", f"{path('1.2.3')}/subscribers/WATCHER").status_code == 404
    assert send(worklist, "POST", f"{path('1.2.4')}/subscribers/WATCHER").status_code == 410


def test_whom_the_archive_does_not_know_it_does_not_tell(worklist, settings):
    settings.ARCHIVE_UPS_AE_TITLES = ("OTHER",)

    response = send(worklist, "POST", f"{path(created())}/subscribers/WATCHER")

    assert (response.status_code, response.json()["code"]) == (404, "C308")
    assert send(worklist, "POST", f"{GLOBAL}/subscribers/OTHER").status_code == 201


def test_a_body_says_nothing(worklist):
    assert send(worklist, "POST", f"{GLOBAL}/subscribers/WATCHER", b"{}").status_code == 201


@pytest.mark.parametrize(
    ("public", "channel"),
    [
        ("https://pacs.example.org", "wss://pacs.example.org/dicom-web/subscribers/A%2FB"),
        ("http://10.0.0.1:8080/imaging", "ws://10.0.0.1:8080/imaging/dicom-web/subscribers/A%2FB"),
    ],
)
def test_the_event_channel_is_where_the_client_sees_the_archive(worklist, settings, public, channel):
    settings.ARCHIVE_PUBLIC_URL = public

    assert send(worklist, "POST", f"{GLOBAL}/subscribers/A%2FB")["Content-Location"] == channel


# -- who may ---------------------------------------------------------------------


def test_people_subscribe_under_their_own_ae_titles(member, client_of):
    viewer = member("viewers")
    application_entity("MINE").users.add(viewer)
    application_entity("OURS").groups.add(viewer.groups.get())
    application_entity("THEIRS").users.add(member("viewers"))
    uid = created()

    for title, status in (("MINE", 201), ("OURS", 201), ("THEIRS", 403), ("NOBODYS", 403)):
        for url in (path(uid), GLOBAL):
            assert send(client_of(viewer), "POST", f"{url}/subscribers/{title}").status_code == status
        assert (title in {"MINE", "OURS"}) == bool(subscriptions(title))
    assert send(client_of(viewer), "DELETE", f"{path(uid)}/subscribers/MINE").status_code == 200
    assert send(client_of(viewer), "DELETE", f"{path(uid)}/subscribers/THEIRS").status_code == 403


@pytest.mark.parametrize(("access", "status"), [("none", 401), ("read", 401), ("write", 201)])
def test_who_is_not_signed_in_subscribes_where_anybody_may_write(settings, access, status):
    settings.ARCHIVE_ANONYMOUS_ACCESS = access
    uid = created()

    for url in (path(uid), GLOBAL):
        response = send(Client(), "POST", f"{url}/subscribers/WATCHER")
        assert response.status_code == status
        assert ("WWW-Authenticate" in response) == (status == 401)
