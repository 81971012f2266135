"""UpdateUPS (PS3.18 Section 11.6) over HTTP."""

import pytest

from archive.dicom.native_xml import to_xml
from tests.dicomweb.worklist_requests import XML, path, send, told
from tests.workitems import code, data_set, progress, tag
from tests.worklist import ANOTHER_LOCK, LOCK, claimed, created, in_state, stored, subscribed, told_briefly
from workflow.attribute_table import FORBIDDEN, ROWS
from workflow.models import WorkitemTombstone

pytestmark = pytest.mark.django_db

LABEL = data_set(ProcedureStepLabel="Read twice")
MISSING, INCORRECT = "The Transaction UID is missing.", "The Transaction UID is incorrect."


def label(uid: str) -> str:
    return stored(uid)[tag("ProcedureStepLabel")]["Value"][0]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    "query",
    [
        f"transaction={LOCK}",
        f"transaction-uid={LOCK}",
        f"Transaction-uid={LOCK}",
        f"TransactionUID={LOCK}",
        f"TransactionUid={LOCK}",
        f"00081195={LOCK}",
        LOCK,
    ],
)
def test_who_holds_the_lock_updates_in_every_spelling(worklist, method, slash, query):
    uid = claimed()

    response = send(worklist, method, f"{path(uid)}{slash}?{query}", LABEL)

    assert told(response) == (200, None)
    assert response.content == b""
    assert label(uid) == "Read twice"


@pytest.mark.parametrize("query", ["", f"?transaction={LOCK}"])
def test_the_lock_may_be_in_the_data_set(worklist, query):
    uid = claimed()

    assert told(send(worklist, "POST", f"{path(uid)}{query}", LABEL | data_set(TransactionUID=LOCK))) == (200, None)
    assert label(uid) == "Read twice"
    assert tag("TransactionUID") not in stored(uid)


def test_what_nobody_has_claimed_is_updated_without_a_lock(worklist):
    uid = created()

    assert told(send(worklist, "POST", path(uid), [LABEL])) == (200, None)
    assert told(send(worklist, "POST", path(uid), to_xml(LABEL), XML)) == (200, None)
    assert label(uid) == "Read twice"


def test_what_the_archive_sets_itself_is_a_modification(worklist):
    uid = created()

    response = send(
        worklist, "POST", path(uid), LABEL | data_set(ScheduledProcedureStepModificationDateTime="20200101000000")
    )

    assert told(response) == (200, "The Workitem was updated with modifications.")
    assert response.json()["message"] == "The Workitem was updated with modifications."


@pytest.mark.parametrize(
    ("state", "lock", "status", "warning", "code"),
    [
        ("SCHEDULED", LOCK, 409, "The target URI did not reference a claimed Workitem.", "C310"),
        ("IN PROGRESS", None, 400, MISSING, "C301"),
        ("IN PROGRESS", ANOTHER_LOCK, 400, INCORRECT, "C301"),
        *(
            (state, lock, 400, "The submitted request is inconsistent with the current state of the Workitem.", "C300")
            for state in ("COMPLETED", "CANCELED")
            for lock in (LOCK, ANOTHER_LOCK, None)
        ),
    ],
)
def test_H11_who_does_not_hold_the_lock_and_what_is_final(worklist, state, lock, status, warning, code):
    uid = in_state(state)
    subscribed(uid)
    before = stored(uid)

    response = send(worklist, "POST", path(uid) + (f"?transaction-uid={lock}" if lock else ""), LABEL)

    assert told(response) == (status, warning)
    assert (response.json()["code"], response.json()["warning"]) == (code, warning)
    assert response.json()["message"] != warning
    assert stored(uid) == before
    assert told_briefly() == []


FIXED = [
    row
    for row in ROWS.values()
    if row.set.client == FORBIDDEN and len(row.path) == 1 and row.tag != tag("TransactionUID")
]


@pytest.mark.parametrize("row", FIXED, ids=lambda row: row.keywords)
def test_H11_what_cannot_be_changed_is_refused_and_nothing_written(worklist, row):
    uid = created()
    before = stored(uid)
    element = (
        {"vr": row.vr, "Value": [{}]}
        if row.vr == "SQ"
        else {"vr": row.vr, "Value": [{"Alphabetic": "A"} if row.vr == "PN" else "1"]}
    )

    response = send(worklist, "POST", path(uid), {row.tag: element} | LABEL)

    assert response.status_code == 400
    assert row.keywords in response.json()["message"]
    assert stored(uid) == before


def test_all_of_it_or_nothing(worklist):
    uid = created()
    before = stored(uid)
    wrong = data_set(ScheduledStationNameCodeSequence=[data_set(CodeValue="A")])

    response = send(worklist, "POST", path(uid), LABEL | wrong)

    assert response.status_code == 400
    assert stored(uid) == before


def test_the_same_again_tells_nobody(worklist):
    uid = claimed()
    subscribed(uid)

    for _ in range(2):
        assert told(send(worklist, "POST", f"{path(uid)}?{LOCK}", progress("50"))) == (200, None)

    assert told_briefly() == ["3"]


@pytest.mark.parametrize(
    ("query", "lock"),
    [
        ("transaction=1.2&transaction-uid=1.3", None),
        (LOCK, ANOTHER_LOCK),
        ("transaction=x", None),
        ("transaction=1..2", None),
        ("", "x"),
        ("", "1.02"),
    ],
)
def test_H11_a_lock_that_is_none_or_not_one_is_refused(worklist, query, lock):
    uid = claimed()

    response = send(worklist, "POST", f"{path(uid)}?{query}", LABEL | data_set(TransactionUID=lock))

    assert told(response) == (400, None)
    assert label(uid) != "Read twice"


def test_one_that_never_was_is_404_and_one_that_was_purged_410(worklist):
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.4")

    assert send(worklist, "POST", path("1.2.3"), LABEL).status_code == 404
    assert send(worklist, "POST", path("1.2.4"), LABEL).status_code == 410


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[{},{}]", b"5"])
def test_H11_a_body_that_is_no_data_set_is_refused(worklist, body):
    assert send(worklist, "POST", path(created()), body).status_code == 400


def test_bulk_data_have_to_be_inline(worklist):
    body = {tag("ProcedureStepLabel"): {"vr": "LO", "BulkDataURI": "http://elsewhere.example.org/"}}

    assert send(worklist, "POST", path(created()), body).status_code == 400


def test_sequences_are_replaced_whole(worklist):
    uid = created(ScheduledStationNameCodeSequence=[code("A"), code("B")])

    send(worklist, "POST", path(uid), data_set(ScheduledStationNameCodeSequence=[code("C")]))

    assert stored(uid)[tag("ScheduledStationNameCodeSequence")]["Value"] == [code("C")]
