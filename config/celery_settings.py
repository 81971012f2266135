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

beat_scheduler = "config.beat:Scheduler"
beat_schedule_filename = str(settings.ARCHIVE_DATA_DIR / "beat-schedule")
beat_schedule = {
    "fire rules": {
        "task": "workflow.tasks.fire_rules",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 60},
    },
    "purge workitems": {
        "task": "workflow.tasks.purge_workitems",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "send derivations": {
        "task": "archive.tasks.send_derivations",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 60},
    },
    "prune derived": {
        "task": "archive.tasks.prune_derived",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "prune receipts": {
        "task": "archive.tasks.prune_receipts",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "send ordered": {
        "task": "archive.tasks.send_ordered",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 60},
    },
    "prune send orders": {
        "task": "archive.tasks.prune_send_orders",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "prune audit": {
        "task": "archive.tasks.prune_audit",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "prune events": {
        "task": "workflow.tasks.prune_events",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
}
