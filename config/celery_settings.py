"""How Celery works here, by the names of its own settings. Read when the application is first used."""

from datetime import timedelta

from django.conf import settings
from kombu.entity import Queue

from archive.derivation_messages import QUEUE as DERIVED

#: The worklist's tasks are short and come often: they do not wait behind the rest; nor does that behind thumbnails.
WORKLIST = "worklist"
ARCHIVE = "archive"

broker_url = settings.REDIS_URL or "files://localhost"
broker_transport = None if settings.REDIS_URL else "config.file_broker:Transport"
broker_transport_options = (
    # What a killed worker had taken comes back after this: longer than any task may take, or waits to be retried.
    {"visibility_timeout": 1800}
    if settings.REDIS_URL
    else {"folder": str(settings.ARCHIVE_DATA_DIR / "tasks"), "polling_interval": 0.05}
)
#: Besides tasks.
imports = ["archive.worker_signals"]

broker_connection_retry_on_startup = True
broker_connection_max_retries = None
#: Instructions to workers go through Redis only; nothing here depends on them.
worker_enable_remote_control = bool(settings.REDIS_URL)

#: Nobody waits for a result.
task_ignore_result = True
task_serializer = "json"
accept_content = ["json"]

# A task is done once it has been done, whatever happens to a worker on the way; so each may be done twice.
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
task_soft_time_limit = 570
task_time_limit = 600
worker_concurrency = settings.ARCHIVE_WORKER_PROCESSES
#: Decoders of images and databases' drivers grow.
worker_max_tasks_per_child = 1000

task_default_queue = ARCHIVE
task_queues = [Queue(ARCHIVE), Queue(WORKLIST), Queue(DERIVED)]
task_routes = {"workflow.tasks.*": {"queue": WORKLIST}, "archive.tasks.derive": {"queue": DERIVED}}

#: Django's own settings of logs hold.
worker_hijack_root_logger = False
worker_redirect_stdouts = False


def _every(period: timedelta, task: str) -> dict[str, object]:
    """A task for the clock to send. While no worker takes any, they do not pile up."""
    return {"task": task, "schedule": period, "options": {"expires": max(int(period.total_seconds()), 60)}}


beat_scheduler = "config.beat:Scheduler"
beat_schedule_filename = str(settings.ARCHIVE_DATA_DIR / "beat-schedule")
beat_schedule = {
    "fire rules": _every(timedelta(seconds=5), "workflow.tasks.fire_rules"),
    "send derivations": _every(timedelta(seconds=10), "archive.tasks.send_derivations"),
    "send ordered": _every(timedelta(seconds=5), "archive.tasks.send_ordered"),
    "prune derived": _every(timedelta(hours=1), "archive.tasks.prune_derived"),
    "prune receipts": _every(timedelta(hours=1), "archive.tasks.prune_receipts"),
    "prune send orders": _every(timedelta(hours=1), "archive.tasks.prune_send_orders"),
    "prune audit": _every(timedelta(hours=1), "archive.tasks.prune_audit"),
    "prune events": _every(timedelta(hours=1), "workflow.tasks.prune_events"),
    "purge workitems": _every(timedelta(hours=1), "workflow.tasks.purge_workitems"),
}
