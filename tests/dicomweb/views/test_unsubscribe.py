"""DeleteSubscription and SuspendGlobalSubscription (PS3.18 Sections 11.11 and 11.12) over HTTP."""

import pytest

from tests.dicomweb.views.test_subscribe import standing, subscriptions
from tests.dicomweb.worklist_requests import FILTERED, GLOBAL, path, send, told
from tests.worklist import application_entity, created
from workflow.models import WorkitemTombstone

pytestmark = pytest.mark.django_db


@pytest.fixture
def uids(worklist) -> tuple[str, str]:
    """Two workitems; somebody is subscribed to both, and to all and to those with a label."""
    uids = created(), created()
    assert send(worklist, "POST", f"{GLOBAL}/subscribers/WATCHER?deletionlock=true").status_code == 201
    assert send(worklist, "POST", f"{FILTERED}/subscribers/WATCHER?WorklistLabel=AI").status_code == 201
    assert subscriptions() == dict.fromkeys(uids, True)
    return uids


# -- unsubscribe -----------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_from_one_workitem(worklist, uids, slash):
    response = send(worklist, "DELETE", f"{path(uids[0])}/subscribers/WATCHER{slash}")

    assert (told(response), response.content) == ((200, None), b"")
    assert subscriptions() == {uids[1]: True}
    assert standing() == {"GLOBAL": True, "FILTERED": False}


@pytest.mark.parametrize("url", [GLOBAL, FILTERED])
def test_from_all_of_them(worklist, uids, url):
    assert told(send(worklist, "DELETE", f"{url}/subscribers/WATCHER")) == (200, None)
    assert subscriptions() == standing() == {}


@pytest.mark.parametrize("ae_title", ["WATCHER", "NOBODY"])
def test_H11_a_subscription_that_is_not_there_is_404(worklist, uids, ae_title):
    send(worklist, "DELETE", f"{GLOBAL}/subscribers/WATCHER")
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.4")

    for url in (path(uids[0]), GLOBAL, FILTERED, path("1.2.3")):
        response = send(worklist, "DELETE", f"{url}/subscribers/{ae_title}")
        assert (response.status_code, response.json()["code"]) == (404, "C307")
    assert send(worklist, "DELETE", f"{path('1.2.4')}/subscribers/{ae_title}").status_code == 410


def test_other_methods_are_405(worklist):
    for method in ("GET", "PUT", "PATCH"):
        response = send(worklist, method, f"{GLOBAL}/subscribers/WATCHER")
        assert response.status_code == 405
        assert {"POST", "DELETE"} <= set(response["Allow"].split(", "))


# -- suspend ---------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("url", "left"), [(GLOBAL, {"FILTERED": False}), (FILTERED, {"GLOBAL": True})])
def test_what_was_subscribed_to_stays_so(worklist, uids, url, left, slash):
    response = send(worklist, "POST", f"{url}/subscribers/WATCHER/suspend{slash}")

    assert (told(response), response.content) == ((200, None), b"")
    assert standing() == left
    assert subscriptions() == dict.fromkeys(uids, True)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("query", ["aetitle=WATCHER", "AETitle=WATCHER", "requester=WATCHER"])
@pytest.mark.parametrize(("url", "left"), [(GLOBAL, {"FILTERED": False}), (FILTERED, {"GLOBAL": True})])
def test_the_path_of_2017_says_whose_it_is_in_the_query(worklist, uids, url, left, query, slash):
    assert told(send(worklist, "POST", f"{url}{slash}?{query}")) == (200, None)
    assert standing() == left


def test_or_it_is_theirs_who_have_one(member, client_of, worklist, uids):
    viewer = member("viewers")
    client = client_of(viewer)

    assert send(client, "POST", GLOBAL).status_code == 400
    application_entity("WATCHER").users.add(viewer)
    assert told(send(client, "POST", f"{GLOBAL}/")) == (200, None)
    application_entity("ANOTHER").users.add(viewer)
    assert send(client, "POST", FILTERED).status_code == 400
    assert standing() == {"FILTERED": False}


def test_nobody_suspends_the_subscription_of_somebody_else(member, client_of, worklist, uids):
    client = client_of(member("viewers"))

    for url in (f"{GLOBAL}/subscribers/WATCHER/suspend", f"{GLOBAL}?aetitle=WATCHER", f"{FILTERED}/?aetitle=WATCHER"):
        assert send(client, "POST", url).status_code == 403
    assert standing() == {"GLOBAL": True, "FILTERED": False}


def test_what_is_not_there_is_not_suspended(worklist):
    for url in (f"{GLOBAL}/subscribers/WATCHER/suspend", f"{FILTERED}/?aetitle=WATCHER"):
        assert send(worklist, "POST", url).status_code == 404


def test_H11_a_subscription_to_one_workitem_is_not_suspended(worklist, uids):
    for uid in (uids[0], "1.2.3"):
        response = send(worklist, "POST", f"{path(uid)}/subscribers/WATCHER/suspend")
        assert (response.status_code, response.json()["code"]) == (400, "C314")
    assert subscriptions() == dict.fromkeys(uids, True)


@pytest.mark.parametrize("query", ["", "aetitle=", "aetitle=A%5CB", "aetitle=A&requester=B"])
def test_H11_what_does_not_say_whose_it_is_is_refused(worklist, uids, query):
    assert send(worklist, "POST", f"{GLOBAL}?{query}").status_code == 400
    assert standing() == {"GLOBAL": True, "FILTERED": False}
