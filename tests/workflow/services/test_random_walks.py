"""Any requests in any order: the services and a model of a few lines agree on every answer, state and event."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.workitems import data_set, performed, progress, workitem
from tests.worklist import ANOTHER_LOCK, LOCK, stored, subscribed, subscribed_globally, told_briefly, value
from workflow.errors import WorkflowError
from workflow.models import ApplicationEntity, Subscription, Workitem
from workflow.services.change_state import change_state
from workflow.services.create import create
from workflow.services.force_cancel import force_cancel
from workflow.services.request_cancellation import request_cancellation
from workflow.services.update import update

pytestmark = pytest.mark.django_db(transaction=True)

UIDS = ("1.2.826.0.3.1", "1.2.826.0.3.2")
AE_TITLES = ("A", "B")
#: Is subscribed to all workitems.
EVERYWHERE = "EVERYWHERE"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody does: the name of a method of both `Services` and `Model`, and with what."""

    action: str
    workitem: str
    argument: str = ""
    lock: str | None = None


# -- the services ----------------------------------------------------------------


class Services:
    """What the services answer: 0 or the status code of an error, or "already"."""

    def do(self, request: Request) -> int | str:
        try:
            return getattr(self, request.action)(request) or 0
        except WorkflowError as error:
            return error.code

    def create(self, request: Request) -> None:
        create(workitem(), sop_instance_uid=request.workitem)

    def subscribe(self, request: Request) -> None:
        known = Subscription.objects.filter(workitem__sop_instance_uid=request.workitem)
        exists = Workitem.objects.filter(sop_instance_uid=request.workitem).exists()
        if exists and not known.filter(subscriber__ae_title=request.argument).exists():
            subscribed(request.workitem, request.argument)

    def unsubscribe(self, request: Request) -> None:
        Subscription.objects.filter(
            workitem__sop_instance_uid=request.workitem, subscriber__ae_title=request.argument
        ).delete()

    def change_state(self, request: Request) -> str | None:
        changed = change_state(request.workitem, request.argument, transaction_uid=request.lock)
        return "already" if changed.already else None

    def tell_progress(self, request: Request) -> None:
        update(request.workitem, progress(request.argument), transaction_uid=request.lock)

    def tell_readiness(self, request: Request) -> None:
        update(request.workitem, data_set(InputReadinessState=request.argument), transaction_uid=request.lock)

    def perform(self, request: Request) -> None:
        update(request.workitem, performed(), transaction_uid=request.lock)

    def request_cancellation(self, request: Request) -> str | None:
        already = request_cancellation(request.workitem, {}, requesting_ae="RIS").already
        return "already" if already else None

    def force_cancel(self, request: Request) -> None:
        force_cancel(request.workitem)


# -- the model -------------------------------------------------------------------


@dataclass
class Item:
    state: str = "SCHEDULED"
    lock: str | None = None
    progress: str | None = None
    readiness: str = "READY"
    performed: bool = False
    subscribers: set[str] = field(default_factory=lambda: {EVERYWHERE})


class Refusal(Exception):
    pass


class Model:
    """The same, as the standard tells it."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.told: dict[str, list[str]] = {ae_title: [] for ae_title in (*AE_TITLES, EVERYWHERE)}

    def do(self, request: Request) -> int | str:
        try:
            return getattr(self, request.action)(request) or 0
        except Refusal as refusal:
            return int(refusal.args[0])

    def report(self, item: Item, report: str) -> None:
        for ae_title in item.subscribers:
            self.told[ae_title].append(report)

    def item(self, request: Request) -> Item:
        if request.workitem not in self.items:
            raise Refusal(0xC307)
        return self.items[request.workitem]

    def create(self, request: Request) -> None:
        if request.workitem in self.items:
            raise Refusal(0x0111)
        self.items[request.workitem] = item = Item()
        self.report(item, "1 SCHEDULED")

    def subscribe(self, request: Request) -> None:
        if request.workitem in self.items:
            self.items[request.workitem].subscribers.add(request.argument)

    def unsubscribe(self, request: Request) -> None:
        if request.workitem in self.items:
            self.items[request.workitem].subscribers.discard(request.argument)

    def change_state(self, request: Request) -> str | None:
        item, target = self.item(request), request.argument
        if target == "SCHEDULED":
            raise Refusal(0xC303)
        if request.lock is None or item.lock not in (None, request.lock):
            raise Refusal(0xC301)
        if item.state in ("COMPLETED", "CANCELED"):
            if item.state == target:
                return "already"
            raise Refusal(0xC300)
        if item.state == "SCHEDULED" and target != "IN PROGRESS":
            raise Refusal(0xC310)
        if item.state == "IN PROGRESS" and target == "IN PROGRESS":
            raise Refusal(0xC302)
        if target == "COMPLETED" and not item.performed:
            raise Refusal(0xC304)
        item.state, item.lock = target, request.lock
        self.report(item, f"1 {target}")
        return None

    def updated(self, request: Request) -> Item:
        item = self.item(request)
        if item.state in ("COMPLETED", "CANCELED"):
            raise Refusal(0xC300)
        if item.state == "SCHEDULED" and request.lock is not None:
            raise Refusal(0xC310)
        if item.state == "IN PROGRESS" and request.lock != item.lock:
            raise Refusal(0xC301)
        return item

    def tell_progress(self, request: Request) -> None:
        item = self.updated(request)
        if item.progress != request.argument:
            item.progress = request.argument
            self.report(item, "3")

    def tell_readiness(self, request: Request) -> None:
        item = self.updated(request)
        if item.readiness != request.argument:
            item.readiness = request.argument
            self.report(item, f"1 {item.state}")

    def perform(self, request: Request) -> None:
        self.updated(request).performed = True

    def request_cancellation(self, request: Request) -> str | None:
        item = self.item(request)
        if item.state == "CANCELED":
            return "already"
        if item.state == "COMPLETED":
            raise Refusal(0xC311)
        if item.state == "IN PROGRESS":
            self.report(item, "2")
        else:
            self.cancel(item)
        return None

    def force_cancel(self, request: Request) -> None:
        item = self.item(request)
        if item.state == "COMPLETED":
            raise Refusal(0xC311)
        if item.state != "CANCELED":
            self.cancel(item)

    def cancel(self, item: Item) -> None:
        if item.state == "SCHEDULED":
            self.report(item, "1 IN PROGRESS")
        self.report(item, "1 CANCELED")
        item.state = "CANCELED"


# -- both ------------------------------------------------------------------------


def requests(action: str, *arguments: str, locked: bool = False) -> st.SearchStrategy[Request]:
    locks = st.sampled_from([LOCK, LOCK, ANOTHER_LOCK, None] if locked else [None])
    return st.builds(Request, st.just(action), st.sampled_from(UIDS), st.sampled_from(arguments or ("",)), locks)


ANY_REQUEST = st.one_of(
    requests("create"),
    requests("subscribe", *AE_TITLES),
    requests("unsubscribe", *AE_TITLES),
    requests("change_state", "IN PROGRESS", "IN PROGRESS", "COMPLETED", "CANCELED", "SCHEDULED", locked=True),
    requests("tell_progress", "0", "50", "100", locked=True),
    requests("tell_readiness", "READY", "INCOMPLETE", locked=True),
    requests("perform", locked=True),
    requests("request_cancellation"),
    requests("force_cancel"),
)

BEGINNING = [Request("create", UIDS[0]), Request("subscribe", UIDS[0], "A")]
TO_THE_END = [
    *BEGINNING,
    Request("change_state", UIDS[0], "IN PROGRESS", LOCK),
    Request("tell_progress", UIDS[0], "50", LOCK),
    Request("perform", UIDS[0], lock=LOCK),
    Request("change_state", UIDS[0], "COMPLETED", LOCK),
    Request("change_state", UIDS[0], "COMPLETED", ANOTHER_LOCK),
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANY_REQUEST, min_size=5, max_size=40).map(lambda walk: BEGINNING + walk))
@example(TO_THE_END)
@example([*TO_THE_END[:4], Request("force_cancel", UIDS[0]), *TO_THE_END[4:]])
def test_the_services_do_what_a_simple_model_does(walk: list[Request]):
    Workitem.objects.all().delete()
    ApplicationEntity.objects.all().delete()
    subscribed_globally(EVERYWHERE)
    services, model = Services(), Model()

    for request in walk:
        assert services.do(request) == model.do(request), request

    assert {ae_title: told_briefly(ae_title) for ae_title in model.told} == model.told
    assert {row.sop_instance_uid: row.procedure_step_state for row in Workitem.objects.all()} == {
        uid: item.state for uid, item in model.items.items()
    }
    for uid, item in model.items.items():
        row = Workitem.objects.get(sop_instance_uid=uid)
        assert row.transaction_uid == (item.lock or "")
        assert (row.finished_at is not None) == (item.state in ("COMPLETED", "CANCELED"))
        assert value(stored(uid), "ProcedureStepState") == item.state
        assert value(stored(uid), "InputReadinessState") == row.input_readiness_state == item.readiness
