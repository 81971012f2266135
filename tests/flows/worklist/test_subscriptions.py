"""Who is told of what: all workitems, one of them, those that match a filter; and how long they are kept for whom."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from pydicom.uid import generate_uid

from tests.flows.worklist import reports
from tests.flows.worklist.client import EventChannel, Worklist, warning
from tests.flows.worklist.reports import FILTERED, GLOBAL, read
from tests.flows.worklist.sites import in_one_process_and_in_two
from tests.workitems import code, data_set, performed, progress

LOCK = "deletionlock=true"

Purge = Callable[[], object]
NewAe = Callable[[], str]


def expect_in_any_order(channel: EventChannel, *expected: reports.Report) -> None:
    """Initial reports of several workitems, which have no order among each other."""
    frames = [channel.next() for _ in expected]
    found = sorted((read(frame) for frame in frames), key=lambda report: report.workitem)
    assert found == sorted(expected, key=lambda report: report.workitem)


@in_one_process_and_in_two
def test_H06_what_is_said_of_one_workitem_outranks_what_is_said_of_all(
    worklist: Worklist, new_ae: NewAe, purge: Purge
) -> None:
    """UPS-A8-3, UPS-A9-1, UPS-D2-1, UPS-D4-2"""
    locking, looking = worklist.listen(new_ae()), worklist.listen(new_ae())
    uids = [worklist.create() for _ in range(3)]

    assert worklist.subscribe(GLOBAL, locking.ae, LOCK).status_code == 201
    expect_in_any_order(locking, *(reports.state(uid, "SCHEDULED") for uid in uids))
    assert worklist.subscribe(GLOBAL, looking.ae).status_code == 201
    looking.expect_silence()
    assert worklist.subscribe(uids[0], locking.ae).status_code == 201
    locking.expect(reports.state(uids[0], "SCHEDULED"))
    assert worklist.subscribe(GLOBAL, locking.ae, LOCK).status_code == 201
    locking.expect_silence()

    assert worklist.suspend(GLOBAL, locking.ae).status_code == 200
    new = worklist.create()
    looking.expect(reports.state(new, "SCHEDULED"))
    for uid in uids:
        worklist.request_cancellation(uid)
        locking.expect(reports.state(uid, "IN PROGRESS"), reports.canceled(uid))
    locking.expect_silence()
    purge()
    assert [worklist.send("GET", f"/workitems/{uid}").status_code for uid in uids] == [410, 200, 200]

    assert worklist.unsubscribe(GLOBAL, locking.ae).status_code == 200
    purge()
    assert [worklist.send("GET", f"/workitems/{uid}").status_code for uid in uids] == [410, 410, 410]
    worklist.request_cancellation(new)
    locking.expect_silence()
    assert worklist.unsubscribe(GLOBAL, looking.ae).status_code == 200


def as_filter(keys: dict[str, str]) -> str:
    """The filter of later editions: one parameter."""
    return "filter=" + quote(",".join(f"{key}={value}" for key, value in keys.items()), safe="")


def as_parameters(keys: dict[str, str]) -> str:
    """The filter of earlier editions: each key a parameter."""
    return "&".join(f"{key}={quote(value)}" for key, value in keys.items())


@pytest.mark.parametrize("written", [as_filter, as_parameters])
def test_H07_a_filter_decides_at_the_subscription_and_at_the_creation(
    worklist: Worklist, ae: str, written: Callable[[dict[str, str]], str]
) -> None:
    """UPS-D3-1, UPS-D3-3"""
    label = f"AI-{ae}"
    channel = worklist.listen(ae)
    before = worklist.create(WorklistLabel=label, ScheduledProcedureStepPriority="HIGH")
    keys = {"WorklistLabel": label, "ScheduledProcedureStepPriority": "HIGH"}

    assert worklist.subscribe(FILTERED, ae, f"{LOCK}&{written(keys)}").status_code == 201

    channel.expect(reports.state(before, "SCHEDULED"))
    urgent = worklist.create(WorklistLabel=label, ScheduledProcedureStepPriority="HIGH")
    others = [
        worklist.create(WorklistLabel=label, ScheduledProcedureStepPriority="LOW"),
        worklist.create(WorklistLabel="Elsewhere", ScheduledProcedureStepPriority="HIGH"),
    ]
    channel.expect(reports.state(urgent, "SCHEDULED"))
    for uid in others:
        assert worklist.update(uid, data_set(WorklistLabel=label, ScheduledProcedureStepPriority="HIGH")).ok
        worklist.claim(uid)
    channel.expect_silence()
    assert worklist.update(urgent, data_set(WorklistLabel="Elsewhere")).ok
    worklist.claim(urgent)
    channel.expect(reports.state(urgent, "IN PROGRESS"))
    assert worklist.unsubscribe(FILTERED, ae).status_code == 200
    worklist.create(WorklistLabel=label, ScheduledProcedureStepPriority="HIGH")
    channel.expect_silence()


def test_H07_a_filter_reaches_into_any_item_of_a_sequence(worklist: Worklist, ae: str) -> None:
    channel = worklist.listen(ae)
    keys = {"ScheduledStationNameCodeSequence.CodeValue": ae}
    assert worklist.subscribe(FILTERED, ae, as_filter(keys)).status_code == 201

    worklist.create(ScheduledStationNameCodeSequence=[code("OTHER")])
    uid = worklist.create(ScheduledStationNameCodeSequence=[code("OTHER"), code(ae)])

    stations = [code("OTHER"), code(ae)]
    channel.expect(reports.state(uid, "SCHEDULED"), reports.assigned(uid, ScheduledStationNameCodeSequence=stations))
    channel.expect_silence()


@pytest.mark.parametrize(
    "query",
    ["", "filter=", "filter=NoSuchAttribute%3D1", "filter=TransactionUID%3D1.2", "WorklistLabel=A&WorklistLabel=B"],
)
def test_H07_a_filtered_subscription_has_a_filter(worklist: Worklist, ae: str, query: str) -> None:
    """UPS-D3-2"""
    assert worklist.subscribe(FILTERED, ae, query).status_code == 400


def test_H07_an_archive_without_filters_says_so(other_worklist: Worklist) -> None:
    """UPS-D3-1"""
    refused = other_worklist.subscribe(FILTERED, "FILTERING", "filter=WorklistLabel%3DAI")

    assert refused.status_code == 403
    text = "Filtered Worklist Subscriptions are not supported."
    assert refused.headers["Warning"] == warning(other_worklist, text)


def test_H07_who_is_subscribed_twice_is_told_once(worklist: Worklist, ae: str) -> None:
    """UPS-D3-5"""
    channel = worklist.listen(ae)
    worklist.subscribe(GLOBAL, ae)
    worklist.subscribe(FILTERED, ae, as_filter({"WorklistLabel": ae}))

    uid = worklist.create(WorklistLabel=ae)

    channel.expect(reports.state(uid, "SCHEDULED"))
    worklist.claim(uid)
    channel.expect(reports.state(uid, "IN PROGRESS"))
    channel.expect_silence()


def completed(worklist: Worklist, uid: str) -> None:
    lock = worklist.claim(uid)
    assert worklist.update(uid, performed(), lock).status_code == 200
    assert worklist.change_state(uid, "COMPLETED", lock).status_code == 200


def test_H08_locks_keep_what_is_final(worklist: Worklist, new_ae: NewAe, purge: Purge) -> None:
    """UPS-A4-1, UPS-A7-2, UPS-B4-4, UPS-D4-1, UPS-D4-2"""
    one, another = new_ae(), new_ae()
    uid = worklist.create()
    for ae in (one, another):
        assert worklist.subscribe(uid, ae, LOCK).status_code == 201
    completed(worklist, uid)

    purge()
    assert worklist.retrieve(uid)
    assert worklist.unsubscribe(uid, one).status_code == 200
    purge()
    assert worklist.retrieve(uid)
    assert worklist.subscribe(uid, another, "deletionlock=false").status_code == 201
    purge()

    assert worklist.send("GET", f"/workitems/{uid}").status_code == 410
    assert worklist.send("GET", f"/workitems/{generate_uid()}").status_code == 404
    assert worklist.update(uid, progress("1")).status_code == 410


def test_H08_what_is_not_final_is_never_purged(worklist: Worklist, purge: Purge) -> None:
    """UPS-D4-4"""
    scheduled, claimed = worklist.create(), worklist.create()
    worklist.claim(claimed)

    purge()

    assert worklist.retrieve(scheduled)
    assert worklist.retrieve(claimed)


def test_H08_a_lock_may_be_refused(other_worklist: Worklist, other_purge: Purge) -> None:
    """UPS-D4-3"""
    uid = other_worklist.create()

    subscribed = other_worklist.subscribe(uid, "LOCKING", LOCK)

    assert subscribed.status_code == 201
    assert subscribed.headers["Warning"] == warning(other_worklist, "Deletion Lock not granted.")
    completed(other_worklist, uid)
    other_purge()
    assert other_worklist.send("GET", f"/workitems/{uid}").status_code == 410
