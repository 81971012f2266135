"""Many requests at once, on both kinds of databases: one wins, nothing is lost, and nobody waits in a circle."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from archive import transactions
from tests.workitems import performed, progress, workitem
from tests.worklist import (
    LOCK,
    claimed,
    created,
    in_state,
    performed_workitem,
    stored,
    subscribed,
    subscribed_globally,
    told,
    told_briefly,
    value,
)
from workflow.errors import DuplicateWorkitem, LockIncorrect, StateConflict, WorkflowError
from workflow.models import Event, Subscription, Workitem
from workflow.services import create as create_module
from workflow.services.change_state import change_state
from workflow.services.create import create
from workflow.services.request_cancellation import request_cancellation
from workflow.services.subscribe import subscribe_globally, subscribe_to_new
from workflow.services.update import update

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 50


def at_once(requests: Sequence[Callable[[], object]]) -> list[object]:
    """What each answers or raises, all of them having begun together."""
    ready = threading.Barrier(len(requests))

    def run(request: Callable[[], object]) -> object:
        try:
            ready.wait(30)
            return request()
        except WorkflowError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(run, requests))


@pytest.fixture
def first_attempts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is run again: a deadlock, or a row that two would create, is a failure."""
    monkeypatch.setattr(transactions, "ATTEMPTS", 1)


def kinds(answers: Sequence[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


# -- claims ----------------------------------------------------------------------


def test_of_many_claims_one_wins_and_the_others_have_the_wrong_lock():
    uid = created()
    subscribed(uid)

    answers = at_once(
        [
            lambda number=number: change_state(uid, "IN PROGRESS", transaction_uid=f"1.2.{number}")
            for number in range(THREADS)
        ]
    )

    assert kinds(answers) == {"Changed": 1, "LockIncorrect": THREADS - 1}
    [winner] = [number for number, answer in enumerate(answers) if not isinstance(answer, WorkflowError)]
    assert Workitem.objects.get().transaction_uid == f"1.2.{winner}"
    assert told_briefly() == ["1 IN PROGRESS"]
    update(uid, progress(), transaction_uid=f"1.2.{winner}")
    with pytest.raises(LockIncorrect):
        update(uid, progress("60"), transaction_uid=f"1.2.{(winner + 1) % THREADS}")


def test_of_many_claims_with_the_same_lock_one_wins_and_the_others_are_late():
    uid = created()
    subscribed(uid)

    answers = at_once([lambda: change_state(uid, "IN PROGRESS", transaction_uid=LOCK)] * 20)

    assert kinds(answers) == {"Changed": 1, "StateConflict": 19}
    assert {answer.code for answer in answers if isinstance(answer, StateConflict)} == {0xC302}
    assert told_briefly() == ["1 IN PROGRESS"]


def test_a_claim_or_a_request_to_cancel_comes_first():
    """In either case the subscriber can tell what happened from the order of its events."""
    for _ in range(10):
        uid = created()
        ae_title = f"FOR-{uid.rpartition('.')[2]}"
        subscribed(uid, ae_title)

        claim, _ = at_once(
            [
                lambda uid=uid: change_state(uid, "IN PROGRESS", transaction_uid=LOCK),
                lambda uid=uid: request_cancellation(uid, {}, requesting_ae="RIS"),
            ]
        )

        state = value(stored(uid), "ProcedureStepState")
        if isinstance(claim, StateConflict):
            assert (state, told_briefly(ae_title)) == ("CANCELED", ["1 IN PROGRESS", "1 CANCELED"])
        else:
            assert (state, told_briefly(ae_title)) == ("IN PROGRESS", ["1 IN PROGRESS", "2"])


# -- one workitem ----------------------------------------------------------------


def test_of_many_creations_with_one_uid_one_wins():
    subscribed_globally()

    answers = at_once([lambda: create(workitem(), sop_instance_uid="1.2.3")] * 20)

    assert kinds(answers) == {"Created": 1, DuplicateWorkitem.__name__: 19}
    assert told_briefly() == ["1 SCHEDULED"]


def test_updates_of_different_attributes_do_not_undo_each_other():
    uid = claimed()
    subscribed(uid)

    at_once(
        [
            lambda: update(uid, performed(), transaction_uid=LOCK),
            *[
                lambda percent=percent: update(uid, progress(str(percent)), transaction_uid=LOCK)
                for percent in range(20)
            ],
        ]
    )

    last = value(told()[-1].attributes, "ProcedureStepProgressInformationSequence")
    assert value(stored(uid), "ProcedureStepProgressInformationSequence") == last
    assert value(stored(uid), "UnifiedProcedureStepPerformedProcedureSequence") is not None
    assert told_briefly() == ["3"] * 20


@pytest.mark.parametrize("attempt", range(5))
def test_completion_cancellation_and_updates_come_one_after_the_other(attempt: int):
    uid = performed_workitem()
    subscribed(uid)

    completed, canceled, asked, *updates = at_once(
        [
            lambda: change_state(uid, "COMPLETED", transaction_uid=LOCK),
            lambda: change_state(uid, "CANCELED", transaction_uid=LOCK),
            lambda: request_cancellation(uid, {}, requesting_ae="RIS"),
            *[
                lambda percent=percent: update(uid, progress(str(percent)), transaction_uid=LOCK)
                for percent in range(10)
            ],
        ]
    )

    state = value(stored(uid), "ProcedureStepState")
    winner, loser = (completed, canceled) if state == "COMPLETED" else (canceled, completed)
    assert kinds([winner, loser]) == {"Changed": 1, "StateConflict": 1}
    reports = told_briefly()
    assert reports.count(f"1 {state}") == 1
    assert reports.index(f"1 {state}") == len(reports) - 1, "what is final has no events"
    assert reports.count("3") == sum(not isinstance(answer, WorkflowError) for answer in updates)
    asked_in_time = not isinstance(asked, WorkflowError) and not asked.already  # type: ignore[attr-defined]
    assert reports.count("2") == asked_in_time


# -- many workitems --------------------------------------------------------------


@pytest.mark.usefixtures("first_attempts_only")
def test_events_of_many_workitems_reach_each_subscriber_without_gap_in_the_order_of_the_commits():
    uids = [created() for _ in range(THREADS)]
    for number, uid in enumerate(uids):
        # Each workitem subscribes them in another order.
        ae_titles = [f"AE{(number * 3 + step) % 8}" for step in range(8)]
        subscribed(uid, *ae_titles)

    def walk(uid: str) -> None:
        change_state(uid, "IN PROGRESS", transaction_uid=LOCK)
        update(uid, progress("50"), transaction_uid=LOCK)
        update(uid, performed(), transaction_uid=LOCK)
        change_state(uid, "COMPLETED", transaction_uid=LOCK)

    at_once([lambda uid=uid: walk(uid) for uid in uids])

    orders = [[(event.workitem, str(event)) for event in told(f"AE{number}")] for number in range(8)]
    assert all(order == orders[0] for order in orders), "everybody sees the same commits in the same order"
    for uid in uids:
        assert [what for workitem_, what in orders[0] if workitem_ == uid] == ["1 IN PROGRESS", "3", "1 COMPLETED"]


@pytest.mark.usefixtures("first_attempts_only")
def test_creations_and_changes_with_the_same_subscribers_wait_for_each_other_without_a_deadlock():
    for number in range(4):
        subscribed_globally(f"AE{number}")
    uids = [created() for _ in range(20)]

    answers = at_once(
        [
            *[lambda: create(workitem())] * 20,
            *[lambda uid=uid: change_state(uid, "IN PROGRESS", transaction_uid=LOCK) for uid in uids],
            *[lambda uid=uid: request_cancellation(uid, {}, requesting_ae="RIS") for uid in uids[:10]],
        ]
    )

    assert kinds(answers)["Created"] == 20
    assert set(kinds(answers)) <= {"Created", "Changed", "Cancellation", "StateConflict"}
    orders = [[(event.workitem, str(event)) for event in told(f"AE{number}")] for number in range(4)]
    assert all(order == orders[0] for order in orders)


@pytest.mark.parametrize("deletion_lock", [True, False])
def test_nobody_who_subscribes_globally_misses_a_workitem_that_is_created_meanwhile(deletion_lock: bool):
    ae_titles = [f"AE{number}" for number in range(5)]

    at_once(
        [
            *[lambda number=number: create(workitem(), sop_instance_uid=f"1.2.{number}") for number in range(30)],
            *[
                lambda ae_title=ae_title: subscribe_globally(ae_title, deletion_lock=deletion_lock)
                for ae_title in ae_titles
            ],
        ]
    )

    uids = set(Workitem.objects.values_list("sop_instance_uid", flat=True))
    assert len(uids) == 30
    for ae_title in ae_titles:
        mine = Subscription.objects.filter(subscriber__ae_title=ae_title)
        assert set(mine.values_list("workitem__sop_instance_uid", flat=True)) == uids
        reported = [event.workitem for event in told(ae_title)]
        assert len(reported) == len(set(reported)), "once, as it was created or as it was found"
        if deletion_lock:
            assert set(reported) == uids


def test_who_subscribes_globally_waits_for_a_workitem_that_did_not_know_of_it(monkeypatch: pytest.MonkeyPatch):
    looked_up, go_on = threading.Event(), threading.Event()

    def look_up_slowly(*workitem_: Any) -> set[int]:
        told_ = subscribe_to_new(*workitem_)
        looked_up.set()
        assert go_on.wait(30)
        return told_

    def in_a_thread(request: Callable[[], object]) -> None:
        try:
            request()
        finally:
            connection.close()

    monkeypatch.setattr(create_module, "subscribe_to_new", look_up_slowly)
    with ThreadPoolExecutor(2) as pool:
        creation = pool.submit(in_a_thread, created)
        assert looked_up.wait(30)
        subscription = pool.submit(in_a_thread, lambda: subscribe_globally("WATCHER", deletion_lock=True))
        with pytest.raises(TimeoutError):
            subscription.result(0.3)
        go_on.set()
        for done in (creation, subscription):
            done.result(30)

    assert told_briefly() == ["1 SCHEDULED"]
    assert Subscription.objects.count() == 1


def test_a_workitem_that_is_refused_tells_nobody_meanwhile():
    uid = in_state("COMPLETED")
    subscribed(uid)

    answers = at_once([lambda: change_state(uid, "IN PROGRESS", transaction_uid=LOCK)] * 10)

    assert kinds(answers) == {"StateConflict": 10}
    assert not Event.objects.exists()
