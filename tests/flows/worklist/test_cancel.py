"""Somebody wants a step not to be done, or not any more."""

from collections.abc import Callable

import pytest
from pydicom.uid import generate_uid

from tests.flows.worklist import reports
from tests.flows.worklist.client import Worklist, outcome, values, warning
from tests.workitems import code, data_set, performed

WHY = {
    "ReasonForCancellation": "The patient has left",
    "ProcedureStepDiscontinuationReasonCodeSequence": [code("110502", "Incorrect procedure ordered", "DCM")],
}
WHO = {"ContactURI": "tel:+3225550100", "ContactDisplayName": "Front desk"}


def test_H04_a_scheduled_step_is_canceled_by_the_request(worklist: Worklist, ae: str) -> None:
    """UPS-E2-3"""
    channel = worklist.listen(ae)
    uid = worklist.create()
    worklist.subscribe(uid, ae)
    channel.expect(reports.state(uid, "SCHEDULED"))

    answer = worklist.request_cancellation(uid, data_set(**WHY, **WHO), requester="RIS")

    assert outcome(answer) == (202, b"")
    channel.expect(reports.state(uid, "IN PROGRESS"), reports.canceled(uid, **WHY))
    found = worklist.retrieve(uid)
    assert values(found, "00741000") == ["CANCELED"]
    (item,) = values(found, "00741002")
    assert values(item, "00404052"), "the time of the cancellation"
    expected = data_set(**WHY, ProcedureStepCommunicationsURISequence=[data_set(**WHO)])
    assert {tag: element for tag, element in item.items() if tag != "00404052"} == expected
    assert_canceled_already(worklist, uid)
    channel.expect_silence()


def test_H04_a_request_without_a_body_cancels_for_no_reason_given(worklist: Worklist, ae: str) -> None:
    channel = worklist.listen(ae)
    uid = worklist.create()
    worklist.subscribe(uid, ae)
    channel.expect(reports.state(uid, "SCHEDULED"))

    assert outcome(worklist.request_cancellation(uid)) == (202, b"")

    channel.expect(reports.state(uid, "IN PROGRESS"), reports.canceled(uid))
    assert values(worklist.retrieve(uid), "00741002.0074100E") == [reports.UNSPECIFIED]
    assert_canceled_already(worklist, uid)


def assert_canceled_already(worklist: Worklist, uid: str) -> None:
    again = worklist.request_cancellation(uid)
    assert again.status_code == 202
    text = "The UPS is already in the requested state of CANCELED."
    assert again.headers["Warning"] == warning(worklist, text)


def test_H05_the_performer_is_told_and_cancels(worklist: Worklist, new_ae: Callable[[], str]) -> None:
    """UPS-B4-1: what its performer has not said of why, the archive supplies."""
    performer = worklist.listen(new_ae())
    uid = worklist.create()
    worklist.subscribe(uid, performer.ae)
    lock = worklist.claim(uid)
    performer.expect(reports.state(uid, "SCHEDULED"), reports.state(uid, "IN PROGRESS"))

    given = {"ReasonForCancellation": WHY["ReasonForCancellation"]}
    asked = worklist.request_cancellation(uid, data_set(**given), requester="RIS")

    assert outcome(asked) == (202, b"")
    performer.expect(reports.cancel_requested(uid, "RIS", **given))
    assert values(worklist.retrieve(uid), "00741000") == ["IN PROGRESS"]
    assert outcome(worklist.change_state(uid, "CANCELED", lock)) == (200, b"")
    performer.expect(reports.canceled(uid))
    performer.expect_silence()


def test_H05_nobody_can_tell_the_performer(worklist: Worklist, other_worklist: Worklist) -> None:
    """By default the request is taken; where the archive is set so, it is refused (0xC312)."""
    uid, other = worklist.create(), other_worklist.create()
    worklist.claim(uid)
    other_worklist.claim(other)

    accepted = worklist.request_cancellation(uid)
    refused = other_worklist.request_cancellation(other)

    assert outcome(accepted) == (202, b"")
    assert refused.status_code == 409
    assert refused.headers["Warning"] == warning(other_worklist, "The performer cannot be contacted.")
    assert values(other_worklist.retrieve(other), "00741000") == ["IN PROGRESS"]


def test_H05_what_is_completed_is_not_canceled(worklist: Worklist) -> None:
    uid = worklist.create()
    lock = worklist.claim(uid)
    worklist.update(uid, performed(), lock)
    worklist.change_state(uid, "COMPLETED", lock)

    refused = worklist.request_cancellation(uid)

    assert refused.status_code == 409
    assert refused.headers["Warning"] == warning(worklist, "The UPS is already COMPLETED.")


@pytest.mark.parametrize("requester", [None, "RIS"])
def test_H05_nothing_is_known_of_an_unknown_step(worklist: Worklist, requester: str | None) -> None:
    assert worklist.request_cancellation(generate_uid(), requester=requester).status_code == 404
