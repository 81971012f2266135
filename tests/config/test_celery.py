"""The Celery application: its broker, what is done late or again, and a clock whose messages do not pile up."""

import runpy
from types import SimpleNamespace

import pytest
from celery import current_app
from celery.beat import ScheduleEntry
from django.db import OperationalError
from kombu import Connection

from config import celery_settings
from config.beat import Scheduler
from config.celery import Task, app
from config.file_broker import Transport


@pytest.fixture
def with_redis_url(settings):
    """Celery's settings as they are with this URL of Redis."""

    def read(url: str) -> SimpleNamespace:
        settings.REDIS_URL = url
        return SimpleNamespace(**runpy.run_path(celery_settings.__file__))

    return read


@pytest.fixture
def broker(tmp_path, monkeypatch):
    """The application's connections go to a folder of the test's own."""

    def connect(**options) -> Connection:
        return Connection("files://localhost", transport=Transport, transport_options={"folder": str(tmp_path)})

    for name in ("connection_for_write", "connection_for_read", "connection"):
        monkeypatch.setattr(app, name, connect)
    with connect() as connection:
        yield connection


def waiting(broker: Connection, queue: str = celery_settings.WORKLIST) -> int:
    return broker.channel().queue_declare(queue).message_count


# -- the broker ------------------------------------------------------------------


def test_without_redis_messages_lie_in_the_data_folder(with_redis_url, settings):
    read = with_redis_url("")

    assert read.broker_transport == "config.file_broker:Transport"
    assert read.broker_transport_options["folder"] == str(settings.ARCHIVE_DATA_DIR / "tasks")
    assert read.broker_transport_options["polling_interval"] == 0.05


def test_with_redis_they_go_there_and_what_a_killed_worker_had_comes_back_after_its_time(with_redis_url):
    read = with_redis_url("redis://:secret@redis.example.org")

    assert read.broker_url == "redis://:secret@redis.example.org"
    assert read.broker_transport is None
    assert read.broker_transport_options["visibility_timeout"] > read.task_time_limit + Task.retry_backoff_max


def test_the_password_of_the_broker_is_not_what_is_logged_of_it():
    assert "secret" not in Connection("redis://:secret@redis.example.org").as_uri()


# -- tasks -----------------------------------------------------------------------


def test_the_archive_s_application_is_the_one_that_tasks_belong_to():
    assert current_app.main == app.main == "archive"


def test_a_task_is_acknowledged_when_it_is_done_and_only_json_is_read():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_ignore_result
    assert app.conf.worker_prefetch_multiplier == 1


@pytest.mark.django_db
def test_a_task_is_tried_again_when_something_it_needs_is_away():
    attempts = []

    @app.task(name="tests.away", shared=False, retry_backoff=False, default_retry_delay=0)
    def away() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise OperationalError

    away.apply()

    assert len(attempts) == 3


@pytest.mark.django_db
def test_a_task_that_has_a_bug_is_not_tried_again():
    attempts = []

    @app.task(name="tests.bug", shared=False)
    def bug() -> None:
        attempts.append(1)
        raise KeyError

    assert bug.apply().state == "FAILURE"
    assert len(attempts) == 1


# -- the clock -------------------------------------------------------------------


@pytest.mark.parametrize("entry", celery_settings.beat_schedule.values(), ids=celery_settings.beat_schedule)
def test_what_is_due_is_a_task_that_is_left_out_when_it_comes_too_late(entry):
    app.loader.import_default_modules()

    assert entry["task"] in app.tasks
    assert entry["options"]["expires"] <= max(60, entry["schedule"].total_seconds())
    assert app.tasks[entry["task"]].autoretry_for == (), "it is sent again anyway"


def test_messages_do_not_pile_up_while_no_worker_runs(broker, tmp_path):
    scheduler = Scheduler(app, schedule_filename=str(tmp_path / "schedule"))
    entry: ScheduleEntry = scheduler.schedule["fire rules"]

    for _ in range(3 * Scheduler.MOST_WAITING):
        scheduler.apply_entry(entry, producer=scheduler.producer)

    assert waiting(broker) == Scheduler.MOST_WAITING
    scheduler.close()


def test_the_worklist_s_tasks_do_not_wait_behind_others(broker):
    app.tasks["workflow.tasks.fire_rule"].delay(1)

    assert waiting(broker) == 1
    assert waiting(broker, celery_settings.ARCHIVE) == 0
