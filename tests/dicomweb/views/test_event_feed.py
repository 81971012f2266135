"""Event channels over HTTP: the events of an AE by sequence, tickets, and what the channel's own URL says."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractUser, Permission
from django.test import Client
from django.utils.dateparse import parse_datetime

from tests.worklist import application_entity, created, subscribed_globally
from workflow.selectors.events import position_for

pytestmark = pytest.mark.django_db

AE = "WATCHER"
CHANNEL = f"/dicom-web/subscribers/{AE}"
FEED, TICKETS = f"{CHANNEL}/events", f"{CHANNEL}/tickets"


@pytest.fixture
def user(member: Callable[..., AbstractUser]) -> AbstractUser:
    user = member()
    user.user_permissions.add(Permission.objects.get(codename="view_workitem"))
    application_entity(AE).users.add(user)
    return user


@pytest.fixture
def watcher(user: AbstractUser, client_of: Callable[[AbstractUser], Client]) -> Client:
    return client_of(user)


def sequences(client: Client, query: str = "") -> list[int]:
    return [entry["sequence"] for entry in client.get(f"{FEED}{query}").json()]


def next_of(client: Client, query: str = "") -> str:
    link = client.get(f"{FEED}{query}").headers["Link"]
    assert link.startswith("<http://testserver/")
    assert link.endswith('>; rel="next"')
    return link.partition(FEED)[2].partition(">")[0]


def test_an_entry_is_the_report_with_sequence_and_time(watcher: Client):
    subscribed_globally(AE)
    uid = created()

    [entry] = watcher.get(FEED).json()

    assert set(entry) == {"sequence", "time", "report"}
    assert entry["sequence"] == 1
    assert parse_datetime(entry["time"])
    assert entry["report"] == {
        "00000002": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.34.6.1"]},
        "00000110": {"vr": "US", "Value": [1]},
        "00001000": {"vr": "UI", "Value": [uid]},
        "00001002": {"vr": "US", "Value": [1]},
        "00404041": {"vr": "CS", "Value": ["READY"]},
        "00741000": {"vr": "CS", "Value": ["SCHEDULED"]},
    }


def test_the_feed_is_read_page_by_page_and_goes_on(watcher: Client):
    subscribed_globally(AE)
    for _ in range(5):
        created()

    read, query = [], "?limit=2"
    for _ in range(4):
        read.append(sequences(watcher, query))
        query = next_of(watcher, query)
    assert read == [[1, 2], [3, 4], [5], []]

    created()
    assert sequences(watcher, query) == [6]


def test_the_feed_takes_nothing_from_the_channel(watcher: Client):
    subscribed_globally(AE)
    created()

    assert sequences(watcher) == [1]

    assert position_for(AE, None) == 0


def test_without_events_there_is_an_empty_page(watcher: Client):
    answer = watcher.get(f"{FEED}?after=7")

    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.headers["Cache-Control"] == "no-store"
    assert next_of(watcher, "?after=7") == "?after=7"


MALFORMED = ["after=x", "after=-1", "after=1&after=2", "limit=0", "limit=x", "limit=", "limit=1&limit=2"]


@pytest.mark.parametrize("query", MALFORMED)
def test_a_malformed_query_is_refused(watcher: Client, query: str):
    assert watcher.get(f"{FEED}?{query}").status_code == 400


def test_a_limit_beyond_the_most_is_the_most(watcher: Client):
    subscribed_globally(AE)
    created()

    assert sequences(watcher, f"?limit={10**40}") == [1]


def test_only_json_is_given(watcher: Client):
    assert watcher.get(FEED, headers={"accept": "application/dicom+xml"}).status_code == 406


@pytest.mark.parametrize("accept", ["application/dicom+json", "*/*"])
def test_who_accepts_the_json_of_data_sets_gets_json(watcher: Client, accept: str):
    response = watcher.get(FEED, headers={"accept": accept})

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_feed_is_for_reading(watcher: Client, method: str):
    assert getattr(watcher, method)(FEED).status_code == 405


@pytest.mark.parametrize(("method", "path"), [("get", FEED), ("post", TICKETS), ("get", CHANNEL)])
def test_only_those_whose_ae_title_it_is_may_listen(
    watcher: Client, user: AbstractUser, client_of: Callable[[AbstractUser], Client], method: str, path: str
):
    assert getattr(Client(), method)(path).status_code == 401

    application_entity(AE).users.clear()
    assert getattr(watcher, method)(path).status_code == 403

    user.user_permissions.clear()
    application_entity(AE).users.add(user)
    assert getattr(watcher, method)(path).status_code == 403


@pytest.mark.parametrize(("method", "suffix"), [("get", "/events"), ("post", "/tickets"), ("get", "")])
def test_what_is_no_ae_title_has_neither(watcher: Client, method: str, suffix: str):
    assert getattr(watcher, method)(f"/dicom-web/subscribers/{17 * 'A'}{suffix}").status_code == 400


# -- tickets ---------------------------------------------------------------------


def test_a_ticket_is_a_url_that_opens_the_channel(watcher: Client):
    answer = watcher.post(TICKETS)

    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["url"].startswith(f"ws://testserver{CHANNEL}?ticket=")
    assert answer.json()["seconds"] == 30


def test_the_url_of_a_ticket_is_the_public_one(watcher: Client, settings):
    settings.ARCHIVE_PUBLIC_URL = "https://images.example.org/pacs"

    assert watcher.post(TICKETS).json()["url"].startswith(f"wss://images.example.org/pacs{CHANNEL}?ticket=")


def test_every_ticket_is_another(watcher: Client):
    assert watcher.post(TICKETS).json()["url"] != watcher.post(TICKETS).json()["url"]


# -- the channel's own URL -------------------------------------------------------


@pytest.mark.parametrize("path", [CHANNEL, CHANNEL.replace("/subscribers", "/ws/subscribers")])
def test_who_uses_http_is_told_to_use_websocket(watcher: Client, path: str):
    answer = watcher.get(path)

    assert answer.status_code == 426
    assert (answer.headers["Upgrade"], answer.headers["Connection"]) == ("websocket", "Upgrade")
    assert "WebSocket" in answer.json()["message"]
