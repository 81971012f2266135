"""Workitems performed by people, for whom the archive keeps the Transaction UID."""

from datetime import UTC, datetime

import orjson
import pytest
from django.contrib.auth import get_user_model

from tests.workitems import code, data_set, progress, tag
from tests.worklist import claimed, created, in_state, stored, subscribed, told_briefly, value
from workflow.codes import local
from workflow.errors import (
    AlreadyFinal,
    LockIncorrect,
    LockMissing,
    PerformerUnreachable,
    StateConflict,
    WorkflowError,
    WorkitemNotFound,
)
from workflow.models import Claim, Workitem
from workflow.performed_procedure import Performed
from workflow.readable_steps import performed_item, progress_item
from workflow.selectors.claims import lock_of
from workflow.services import claims, purge
from workflow.services.request_cancellation import request_cancellation
from workflow.services.update import update

pytestmark = pytest.mark.django_db

STATE = "ProcedureStepState"


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna", first_name="Anna", last_name="Berg")


@pytest.fixture
def bert():
    return get_user_model().objects.create_user("bert")


def performed(**changes) -> Performed:
    said = {
        "station": code("ROOM1"),
        "work": code("110005", "Interpretation", "DCM"),
        "began": "20261125100000+0000",
        "ended": "20261125101500+0000",
        "output": [],
        "performer": local("anna", "Anna Berg"),
        "performer_name": "Berg^Anna",
    }
    return Performed(**(said | changes))


def test_who_claims_a_workitem_holds_its_lock_and_nobody_else_does(anna, bert):
    uid = created()
    subscribed(uid)
    claims.claim(uid, anna, "READER")
    assert value(stored(uid), STATE) == "IN PROGRESS"
    assert lock_of(uid, anna) == Workitem.objects.get().transaction_uid != ""
    assert lock_of(uid, bert) == ""
    assert told_briefly() == ["1 IN PROGRESS"]
    assert tag("TransactionUID") not in stored(uid)


@pytest.mark.parametrize("state", ["IN PROGRESS", "COMPLETED", "CANCELED"])
def test_what_is_claimed_or_over_cannot_be_claimed(anna, state):
    uid = in_state(state)
    with pytest.raises((LockIncorrect, StateConflict)):
        claims.claim(uid, anna, "READER")
    assert not Claim.objects.exists()


def test_of_two_people_the_first_has_it(anna, bert):
    uid = created()
    claims.claim(uid, anna, "READER")
    with pytest.raises(LockIncorrect):
        claims.claim(uid, bert, "READER")
    assert Claim.objects.get().user == anna


def test_progress_leaves_contacts_and_parameters_as_they_are(anna):
    uid = created()
    claims.claim(uid, anna, "READER")
    contact = data_set(ContactURI="mailto:reading@example.org")
    update(uid, progress("10", ProcedureStepCommunicationsURISequence=[contact]), transaction_uid=lock_of(uid, anna))

    claims.report_progress(uid, anna, 60, "Dictated")
    item = progress_item(stored(uid))
    assert value(item, "ProcedureStepProgress") == 60
    assert value(item, "ProcedureStepProgressDescription") == "Dictated"
    assert value(item, "ProcedureStepCommunicationsURISequence") == contact

    claims.report_progress(uid, anna, None, "")
    item = progress_item(stored(uid))
    assert item == data_set(ProcedureStepCommunicationsURISequence=[contact])


def test_a_completed_workitem_says_who_did_what_where_and_when(anna):
    uid = created()
    claims.claim(uid, anna, "READER")
    claims.complete(uid, anna, performed())
    item = performed_item(stored(uid))
    assert value(stored(uid), STATE) == "COMPLETED"
    assert item[tag("OutputInformationSequence")] == {"vr": "SQ"}
    [performer] = item[tag("ActualHumanPerformersSequence")]["Value"]
    assert value(performer, "HumanPerformerName") == {"Alphabetic": "Berg^Anna"}


def test_canceling_says_why(anna):
    uid = created()
    claims.claim(uid, anna, "READER")
    claims.cancel(uid, anna, data_set(ReasonForCancellation="The wrong one"))
    assert value(stored(uid), STATE) == "CANCELED"
    assert value(progress_item(stored(uid)), "ReasonForCancellation") == "The wrong one"


@pytest.mark.parametrize(
    "act",
    [
        lambda uid, user: claims.report_progress(uid, user, 5, ""),
        lambda uid, user: claims.complete(uid, user, performed()),
        lambda uid, user: claims.cancel(uid, user, {}),
    ],
)
def test_nobody_goes_on_with_what_somebody_else_has_claimed(anna, bert, act):
    of_anna, of_an_algorithm, free = created(), claimed(), created()
    claims.claim(of_anna, anna, "READER")
    for uid in (of_anna, of_an_algorithm, free):
        before = stored(uid)
        with pytest.raises(LockMissing):
            act(uid, bert)
        assert stored(uid) == before
    with pytest.raises(WorkitemNotFound):
        act("1.2.3", bert)


def test_what_is_over_is_over(anna):
    uid = created()
    claims.claim(uid, anna, "READER")
    claims.complete(uid, anna, performed())
    with pytest.raises(AlreadyFinal):
        claims.report_progress(uid, anna, 5, "")
    with pytest.raises(StateConflict):
        claims.cancel(uid, anna, {})


def test_a_person_is_told_that_somebody_wants_it_to_be_canceled(anna, settings):
    settings.ARCHIVE_UPS_CANCEL_UNHEARD = "refuse"
    uid, unheard = created(), claimed()
    claims.claim(uid, anna, "READER")
    request_cancellation(uid, data_set(ReasonForCancellation="Hurry"), requesting_ae="RIS")
    claim = Claim.objects.get()
    assert claim.cancel_requested_at
    asked = orjson.loads(bytes(claim.cancel_request))
    assert (value(asked, "RequestingAE"), value(asked, "ReasonForCancellation")) == ("RIS", "Hurry")
    assert value(stored(uid), STATE) == "IN PROGRESS"
    with pytest.raises(PerformerUnreachable):
        request_cancellation(unheard, {}, requesting_ae="RIS")


def test_a_workitem_is_taken_over_from_a_person_and_from_nobody_else(anna, bert):
    uid = created()
    claims.claim(uid, anna, "READER")
    claims.take_over(uid, bert, "OTHER")
    claims.report_progress(uid, bert, 5, "")
    with pytest.raises(LockMissing):
        claims.report_progress(uid, anna, 6, "")
    with pytest.raises(LockMissing):
        claims.take_over(claimed(), bert, "OTHER")
    for state in ("SCHEDULED", "COMPLETED"):
        with pytest.raises(StateConflict):
            claims.take_over(in_state(state), bert, "OTHER")
    with pytest.raises(WorkitemNotFound):
        claims.take_over("1.2.3", bert, "OTHER")


def test_a_claim_outlives_its_account_and_goes_with_its_workitem(anna):
    uid = created()
    claims.claim(uid, anna, "READER")
    claims.complete(uid, anna, performed())
    anna.delete()
    assert Claim.objects.get().user is None
    assert purge.purge(datetime(2099, 1, 1, tzinfo=UTC)).deleted == 1
    assert not Claim.objects.exists()


def test_errors_say_nothing_of_the_lock(anna, bert):
    uid = created()
    claims.claim(uid, anna, "READER")
    with pytest.raises(WorkflowError) as refused:
        claims.cancel(uid, bert, {})
    assert lock_of(uid, anna) not in str(refused.value)
