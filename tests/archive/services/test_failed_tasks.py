"""Tasks that have failed, and workers that have said that they are there."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from archive.errors import NoProcess
from archive.models import FailedTask, WorkerSeen
from archive.services import failed_tasks, workers

pytestmark = pytest.mark.django_db

TASK = "archive.tasks.derive"


def test_a_task_is_written_down_once_with_how_often_it_failed():
    for _ in range(3):
        failed_tasks.note(TASK, [[1, 2]], NoProcess("no memory"))
    failed_tasks.note(TASK, [[3]], NoProcess("no memory"))

    one, other = FailedTask.objects.order_by("pk")
    assert (one.arguments, one.times) == ("[[1,2]]", 3)
    assert (other.arguments, other.times) == ("[[3]]", 1)
    assert one.error.startswith("NoProcess: No process can be started")


def test_what_others_say_of_an_error_may_name_a_patient_and_is_not_kept():
    failed_tasks.note(TASK, [], IntegrityError("Key (patient_name)=(Doe^Jane) already exists."))

    assert FailedTask.objects.get().error == "IntegrityError"


def test_it_is_forgotten_when_it_succeeds():
    failed_tasks.note(TASK, [[1]], NoProcess("no memory"))
    failed_tasks.note(TASK, [[2]], NoProcess("no memory"))

    failed_tasks.forget(TASK, [[1]])

    assert FailedTask.objects.get().arguments == "[[2]]"


def test_arguments_without_end_are_not_kept():
    failed_tasks.note(TASK, ["1" * 2000], NoProcess("no memory"))

    assert not FailedTask.objects.exists()


def test_a_worker_is_there_until_it_stops():
    workers.seen("host 1")
    workers.seen("host 1")
    workers.seen("host 2")
    workers.gone("host 1")

    assert WorkerSeen.objects.get().name == "host 2"


def test_one_that_was_killed_is_forgotten_after_a_day():
    WorkerSeen.objects.create(name="host 1", seen_at=timezone.now() - timedelta(days=2))

    workers.seen("host 2")

    assert WorkerSeen.objects.get().name == "host 2"
