"""Two spellings, one server: the URIs of the 2017 edition, of today, and of clients have the same effects."""

from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.dicomweb.worklist_requests import FILTERED, GLOBAL, WORKITEMS, path, send, state
from tests.workitems import performed, progress, workitem
from tests.worklist import LOCK, stored, told

pytestmark = pytest.mark.django_db

FILTER = "WorklistLabel%3DAI%2CScheduledProcedureStepPriority%3DHIGH"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a client writes each request; `{}` is the UID of the workitem."""

    create: str
    update: str
    state: str
    cancel: str
    subscribe: str = "/subscribers/WATCHER?deletionlock=true"
    filtered: str = f"/subscribers/WATCHER?filter={FILTER}"
    suspend: str = "/subscribers/WATCHER/suspend"
    update_method: str = "POST"
    state_method: str = "PUT"
    cancel_method: str = "POST"
    location: str = "Location"


SPELLINGS = {
    "2017": Spelling(
        create="?AffectedSOPInstanceUID={}",
        update=f"?transaction={LOCK}",
        state="/state",
        cancel="/cancelrequest",
        filtered="/subscribers/WATCHER?WorklistLabel=AI&ScheduledProcedureStepPriority=HIGH",
        suspend="/?aetitle=WATCHER",
        location="Content-Location",
    ),
    "2019": Spelling(create="?workitem={}", update=f"?transaction-uid={LOCK}", state="/state", cancel="/cancelrequest"),
    "2025": Spelling(
        create="?workitem={}",
        update=f"?Transaction-uid={LOCK}",
        state="/state?requester=RIS",
        cancel="/cancelrequest?requester=RIS",
    ),
    "paths": Spelling(
        create="?workitem={}", update=f"?TransactionUid={LOCK}", state="/state/RIS", cancel="/cancelrequest/RIS"
    ),
    "bare": Spelling(
        create="?{}",
        update=f"?{LOCK}",
        state="/state",
        cancel="/cancelrequest",
        update_method="PUT",
        state_method="POST",
        cancel_method="PUT",
    ),
    "slashes": Spelling(
        create="/?workitem={}",
        update=f"/?transaction-uid={LOCK}",
        state="/state/",
        cancel="/cancelrequest/",
        subscribe="/subscribers/WATCHER/?deletionlock=TRUE",
        filtered=f"/subscribers/WATCHER/?filter={FILTER}",
        suspend="/subscribers/WATCHER/suspend/",
    ),
}


@dataclass(slots=True)
class Performer:
    """A client of one spelling, who remembers the statuses that it is answered with."""

    client: Client
    spelling: Spelling
    statuses: list[int]

    def send(self, method: str, url: str, body: object = b"") -> HttpResponse:
        response = send(self.client, method, url, body)
        self.statuses.append(response.status_code)
        return response

    def create(self, uid: str, **attributes: object) -> None:
        response = self.send("POST", WORKITEMS + self.spelling.create.format(uid), workitem(**attributes))
        assert response[self.spelling.location] == f"http://testserver{path(uid)}"

    def run(self, first: str, second: str) -> None:
        """One workitem to its end, another that is canceled, and subscriptions of every kind."""
        spelling = self.spelling
        assert self.send("POST", GLOBAL + spelling.subscribe)[spelling.location].startswith("ws://")
        self.create(first, WorklistLabel="AI", ScheduledProcedureStepPriority="HIGH")
        self.send(spelling.state_method, path(first) + spelling.state, state("IN PROGRESS", LOCK))
        for changes in (progress("50"), performed()):
            self.send(spelling.update_method, path(first) + spelling.update, changes)
        self.send(spelling.cancel_method, path(first) + spelling.cancel)
        self.send(spelling.state_method, path(first) + spelling.state, state("COMPLETED", LOCK))
        self.send("POST", GLOBAL + spelling.suspend)
        self.send("POST", FILTERED + spelling.filtered)
        self.create(second, WorklistLabel="AI", ScheduledProcedureStepPriority="LOW")
        self.send("POST", path(second) + spelling.subscribe)
        self.send(spelling.cancel_method, path(second) + spelling.cancel)
        self.send("DELETE", GLOBAL + spelling.subscribe.partition("?")[0])


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_H13_every_spelling_has_the_same_effects(worklist, spelling):
    performer = Performer(worklist, SPELLINGS[spelling], [])

    performer.run("1.2.1", "1.2.2")

    assert performer.statuses == [201, 201, 200, 200, 200, 202, 200, 200, 201, 201, 201, 202, 200]
    events = [(str(event), event.workitem) for event in told()]
    assert events == [
        ("1 SCHEDULED", "1.2.1"),
        ("1 IN PROGRESS", "1.2.1"),
        ("3", "1.2.1"),
        ("2", "1.2.1"),
        ("1 COMPLETED", "1.2.1"),
        ("1 SCHEDULED", "1.2.2"),
        ("1 IN PROGRESS", "1.2.2"),
        ("1 CANCELED", "1.2.2"),
    ]
    assert stored("1.2.1")["00741000"]["Value"] == ["COMPLETED"]
    assert stored("1.2.2")["00741000"]["Value"] == ["CANCELED"]
