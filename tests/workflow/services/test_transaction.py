"""Changes of the worklist are whole, and none is under way while somebody has the worklist alone."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from tests.worklist import application_entity, told
from workflow.event_reports import EventReport, EventType
from workflow.models import ApplicationEntity
from workflow.services.publish import Addressed, publish
from workflow.services.transaction import change

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Work:
    """A change that stays under way until it is let go."""

    def __init__(self, pool: ThreadPoolExecutor, *, alone: bool) -> None:
        self.begun, self._go = threading.Event(), threading.Event()
        self._done: Future[None] = pool.submit(self._run, alone=alone)

    def _run(self, *, alone: bool) -> None:
        try:
            change(self._work, alone=alone)
        finally:
            connection.close()

    def _work(self) -> None:
        self.begun.set()
        assert self._go.wait(30)

    def end(self) -> None:
        self._go.set()
        self._done.result(30)


@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (True, True)])
def test_who_has_the_worklist_alone_waits_for_others_and_they_for_them(
    threads: ThreadPoolExecutor, first: bool, second: bool
):
    earlier = Work(threads, alone=first)
    assert earlier.begun.wait(30)
    later = Work(threads, alone=second)

    assert not later.begun.wait(0.3)
    earlier.end()
    assert later.begun.wait(30)
    later.end()


def test_a_change_that_met_another_one_is_run_again_and_leaves_nothing_of_its_first_attempt():
    a = application_entity("A").pk
    attempts = iter([1, 2])

    def work() -> int:
        attempt = next(attempts)
        ApplicationEntity.objects.create(ae_title=f"ATTEMPT-{attempt}")
        publish([Addressed(EventReport(EventType.STATE_REPORT, f"1.2.{attempt}", {}), (a,))])
        if attempt == 1:
            raise IntegrityError
        return attempt

    assert change(work) == 2

    assert [event.workitem for event in told("A")] == ["1.2.2"]
    assert not ApplicationEntity.objects.filter(ae_title="ATTEMPT-1").exists()
