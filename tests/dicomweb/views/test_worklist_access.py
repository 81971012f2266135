"""Who may do what with the worklist: every group and every transaction, people who are not signed in, and sessions."""

import re

import pytest
from django.test import Client

from dicomweb import permissions, transactions
from dicomweb.resource import table
from tests.dicomweb.worklist_requests import GLOBAL, WORKITEMS, path, send, state
from tests.workitems import data_set, workitem
from tests.worklist import LOCK, application_entity, claimed, created

pytestmark = pytest.mark.django_db

LABEL = data_set(ProcedureStepLabel="Read twice")
VIEW, ADD, PERFORM, CANCEL = "view", "add", "perform", "cancel"
GROUPS = {
    "none": set(),
    "viewers": {VIEW},
    "uploaders": set(),
    "schedulers": {VIEW, ADD, CANCEL},
    "performers": {VIEW, PERFORM},
    "admins": {VIEW, ADD, PERFORM, CANCEL},
}
#: What is asked, what it needs, and the status for who may.
REQUESTS = {
    "search": ("GET", lambda: WORKITEMS, b"", VIEW, {200}),
    "create": ("POST", lambda: WORKITEMS, workitem(), ADD, {201}),
    "retrieve": ("GET", lambda: path(created()), b"", VIEW, {200}),
    "head": ("HEAD", lambda: path(created()), b"", VIEW, {200}),
    "update": ("POST", lambda: path(created()), LABEL, PERFORM, {200}),
    "update-put": ("PUT", lambda: path(created()), LABEL, PERFORM, {200}),
    "state": ("PUT", lambda: f"{path(created())}/state", state("IN PROGRESS", LOCK), PERFORM, {200}),
    "state-post": ("POST", lambda: f"{path(created())}/state/RIS", state("IN PROGRESS", LOCK), PERFORM, {200}),
    "cancel": ("POST", lambda: f"{path(claimed())}/cancelrequest", b"", CANCEL, {202}),
    "cancel-put": ("PUT", lambda: f"{path(claimed())}/cancelrequest/RIS", b"", CANCEL, {202}),
    "subscribe": ("POST", lambda: f"{path(created())}/subscribers/OURS", b"", VIEW, {201}),
    "subscribe-globally": ("POST", lambda: f"{GLOBAL}/subscribers/OURS", b"", VIEW, {201}),
    "unsubscribe": ("DELETE", lambda: f"{GLOBAL}/subscribers/OURS", b"", VIEW, {404}),
    "suspend": ("POST", lambda: f"{GLOBAL}/subscribers/OURS/suspend", b"", VIEW, {404}),
    "suspend-2017": ("POST", lambda: f"{GLOBAL}/?aetitle=OURS", b"", VIEW, {404}),
    "options": ("OPTIONS", lambda: WORKITEMS, b"", VIEW, {200}),
}
#: Subscriptions are theirs who may act under the AE title.
SUBSCRIPTIONS = {name for name in REQUESTS if "su" in name and name != "search"}


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("group", GROUPS)
def test_people_may_do_what_their_group_may(member, client_of, group, request_name):
    user = member() if group == "none" else member(group)
    application_entity("OURS").users.add(user)
    method, url, body, needed, statuses = REQUESTS[request_name]
    # Capabilities are for who may read anything.
    may = needed in GROUPS[group] or (request_name == "options" and group == "uploaders")
    if request_name == "search":
        created()

    status = send(client_of(user), method, url(), body).status_code

    assert status in (statuses if may else {403})


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("access", ["none", "read", "write"])
def test_anybody_may_do_what_the_setting_says(settings, access, request_name):
    settings.ARCHIVE_ANONYMOUS_ACCESS = access
    method, url, body, needed, statuses = REQUESTS[request_name]
    may = access == "write" or (access == "read" and needed == VIEW and request_name not in SUBSCRIPTIONS)
    if request_name == "search":
        created()

    response = send(Client(), method, url(), body)

    assert response.status_code in (statuses if may else {401})
    assert ("WWW-Authenticate" in response) == (not may)


def test_every_transaction_needs_a_permission():
    """And there is none in the table of permissions that is not in that of transactions."""
    modules = transactions.TRANSACTIONS | transactions.LABELING
    assert {name.rpartition(".")[2] for name in modules} == set(permissions.NEEDED)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_nobody_learns_anything_without_a_sign_in(method):
    for route in table():
        if route.startswith("workitems"):
            url = re.sub(r"<\w+:\w+>", "1", f"/dicom-web/{route}")
            for end in ("", "/"):
                response = Client().generic(method, url + end)
                assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Basic realm="archive"')


def test_a_session_needs_the_token_against_forged_requests(member):
    user = member("admins")
    for trusted, status in ((True, 201), (False, 403)):
        client = Client(enforce_csrf_checks=not trusted)
        client.force_login(user)
        assert send(client, "POST", WORKITEMS, workitem()).status_code == status
        assert send(client, "GET", path(created())).status_code == 200


def test_pages_of_other_origins_may_claim(settings, member, client_of):
    settings.CORS_ALLOWED_ORIGINS = ["https://viewer.example.org"]
    headers = {
        "origin": "https://viewer.example.org",
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization, content-type, if-none-match",
    }
    preflight = Client().options(f"{path('1.2.3')}/state", headers=headers)
    assert preflight.status_code == 200
    assert "PUT" in preflight["Access-Control-Allow-Methods"]

    response = send(
        client_of(member("performers")),
        "PUT",
        f"{path(created())}/state",
        state("IN PROGRESS", LOCK),
        origin="https://viewer.example.org",
    )
    assert response["Access-Control-Allow-Origin"] == "https://viewer.example.org"
    assert {"Warning", "Location", "Content-Location"} <= set(response["Access-Control-Expose-Headers"].split(", "))


def test_values_of_queries_and_bodies_are_not_in_answers_nor_in_logs(worklist, caplog):
    body = workitem(PatientName="Doe^Jane", PatientID="SECRET-1", InputReadinessState="SECRET-2")

    for response in (
        send(worklist, "POST", WORKITEMS, body),
        send(worklist, "POST", f"{path(created())}?transaction=SECRET-3", LABEL),
        send(worklist, "POST", f"{GLOBAL}/subscribers/A?PatientName=SECRET-4"),
    ):
        assert response.status_code == 400
        assert "SECRET" not in response.content.decode() + caplog.text
        assert "Doe" not in response.content.decode() + caplog.text
