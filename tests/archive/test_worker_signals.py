"""What workers write down: celery's signals reach the rows that the dashboard shows."""

from types import SimpleNamespace

import pytest
from celery.signals import task_failure, task_success, worker_process_shutdown, worker_shutdown
from django.db import OperationalError

from archive import worker_signals
from archive.audit.events import Action
from archive.audit.trail import note
from archive.errors import NoProcess
from archive.models import AuditEvent, FailedTask, WorkerSeen
from archive.services import failed_tasks, workers

pytestmark = pytest.mark.django_db


class Sender(SimpleNamespace):
    """As Celery's own: told apart by which it is."""

    __hash__ = object.__hash__


TASK = Sender(name="archive.tasks.prune_derived", request=SimpleNamespace(args=[]))
WORKER = Sender(hostname="celery@host")


def fail() -> None:
    task_failure.send(sender=TASK, args=[], exception=NoProcess("no memory"))


def test_a_failed_task_is_written_down_until_it_succeeds():
    fail()
    assert FailedTask.objects.get().task == TASK.name

    task_success.send(sender=TASK, result=None)
    assert not FailedTask.objects.exists()


def test_a_worker_that_stops_is_gone():
    workers.seen(worker_signals._name(WORKER))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_signals, "_stopping", SimpleNamespace(set=lambda: None))
        worker_shutdown.send(sender=WORKER)

    assert not WorkerSeen.objects.exists()


def test_nothing_depends_on_it(monkeypatch, caplog):
    def away(*arguments: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(failed_tasks, "note", away)
    monkeypatch.setattr(failed_tasks, "forget", away)
    fail()
    task_success.send(sender=TASK, result=None)

    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_a_process_that_ends_writes_its_part_of_the_audit_trail(trail):
    trail()
    note(Action.DELETED, "1.2.3")

    worker_process_shutdown.send(sender=None)

    assert AuditEvent.objects.filter(action=Action.DELETED).exists()
