"""Whoever is no administrator does with the worklist what their groups allow, under the AE titles that are theirs."""

import uuid
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from tests.flows.worklist import reports
from tests.flows.worklist.client import Worklist
from tests.flows.worklist.reports import GLOBAL
from tests.live_archive import LiveArchive
from tests.workitems import data_set, performed, progress, workitem

#: As an administrator would do it in the admin.
NEW_USER = """
from django.contrib.auth.models import Group, User
from workflow.models import ApplicationEntity
user = User.objects.create_user({name!r})
user.groups.add(Group.objects.get(name={group!r}))
ApplicationEntity.objects.create(ae_title={ae!r}).users.add(user)
"""


def signed_in(archive: LiveArchive, group: str) -> tuple[Worklist, str]:
    """A new user of this group, and the AE title that is theirs."""
    name = f"{group}-{uuid.uuid4().hex[:8]}"
    ae = name[-16:].upper()
    archive.manage("shell", "-c", NEW_USER.format(name=name, group=group, ae=ae))
    session = archive.session()
    session.headers["Authorization"] = f"Token {archive.manage('create_token', name).strip()}"
    return Worklist(archive.url, session), ae


@pytest.fixture(scope="module")
def performer(archive: LiveArchive) -> Iterator[tuple[Worklist, str]]:
    worklist, ae = signed_in(archive, "performers")
    with worklist:
        yield worklist, ae


@pytest.fixture(scope="module")
def scheduler(archive: LiveArchive) -> Iterator[tuple[Worklist, str]]:
    worklist, ae = signed_in(archive, "schedulers")
    with worklist:
        yield worklist, ae


def test_H01_a_performer_and_a_scheduler_work_together(
    performer: tuple[Worklist, str], scheduler: tuple[Worklist, str]
) -> None:
    """UPS-A6-1: who asks for the cancellation is who has signed in."""
    (working, ae), (scheduling, requester) = performer, scheduler
    channel = working.listen(ae)
    assert working.subscribe(GLOBAL, ae).status_code == 201
    uid = scheduling.create(WorklistLabel=ae)
    working.mine.add(uid)
    channel.expect(reports.state(uid, "SCHEDULED"))
    (found,) = working.search(WorklistLabel=ae)
    assert found["00080018"]["Value"] == [uid]
    lock = working.claim(uid)
    assert working.update(uid, progress("50"), lock).status_code == 200
    assert scheduling.request_cancellation(uid).status_code == 202
    channel.expect(
        reports.state(uid, "IN PROGRESS"),
        reports.progress(uid, ProcedureStepProgress=50),
        reports.cancel_requested(uid, requester),
    )
    assert working.update(uid, performed(), lock).status_code == 200
    assert working.change_state(uid, "COMPLETED", lock).status_code == 200
    channel.expect(reports.state(uid, "COMPLETED"))
    assert working.unsubscribe(GLOBAL, ae).status_code == 200


def test_nobody_does_what_is_for_others(performer: tuple[Worklist, str], scheduler: tuple[Worklist, str]) -> None:
    (working, _), (scheduling, _) = performer, scheduler
    uid = scheduling.create()

    assert working.send("POST", "/workitems", workitem()).status_code == 403
    assert working.request_cancellation(uid).status_code == 403
    assert scheduling.change_state(uid, "IN PROGRESS", "1.2.3").status_code == 403
    assert scheduling.update(uid, data_set(ProcedureStepLabel="Other")).status_code == 403


def test_nobody_acts_under_the_ae_title_of_others(
    performer: tuple[Worklist, str], scheduler: tuple[Worklist, str]
) -> None:
    """UPS-A7-3"""
    (working, mine), (scheduling, theirs) = performer, scheduler
    uid = scheduling.create()

    for title in (theirs, "NOBODYS"):
        assert working.subscribe(uid, title).status_code == 403
        assert working.unsubscribe(GLOBAL, title).status_code == 403
        assert working.suspend(GLOBAL, title).status_code == 403
        with pytest.raises(InvalidStatus) as refused:
            working.listen(title)
        assert refused.value.response.status_code == 403
    assert scheduling.request_cancellation(uid, requester=mine).status_code == 403


def test_nobody_does_anything_without_signing_in(archive: LiveArchive, performer: tuple[Worklist, str]) -> None:
    _, ae = performer
    stranger = Worklist(archive.url, archive.session())
    stranger.session.headers["Authorization"] = "Token none"
    with stranger:
        answer = stranger.send("GET", "/workitems")
        assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)
        with pytest.raises(InvalidStatus) as refused:
            stranger.listen(ae)
        assert refused.value.response.status_code == 401
