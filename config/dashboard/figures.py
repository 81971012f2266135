"""The figures of the dashboard. Each is kept for some seconds: it costs the same whoever looks, and how often."""

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.formats import date_format

from archive.selectors import background
from archive.selectors.holdings import Intake, holdings, intake
from archive.selectors.send_orders import sending
from archive.services.workers import EVERY
from config.dashboard.plots import plot
from config.dashboard.queues import queues
from workflow.selectors.outbox import outbox

Figure = TypeVar("Figure")

DAYS = 30
#: Seconds for which figures are kept. Days that are over change only when something old is deleted or grows.
SUMS, PAST_DAY, NOW = 60, 3600, 5
#: Of what has failed, so many are shown.
MOST_FAILED = 5
#: A worker that has said nothing for so long is not there.
SILENT_AFTER = timedelta(seconds=4 * EVERY)

#: What of the background is shown; see `archive.selectors.background`.
BACKGROUND = "dashboard-background"


def dashboard() -> dict[str, Any]:
    """The context of the page."""
    days = _days()
    return {
        "holdings": _kept("dashboard-holdings", SUMS, holdings),
        "derived_limit": settings.ARCHIVE_DERIVED_SIZE,
        "disk": shutil.disk_usage(settings.ARCHIVE_DATA_DIR),
        "blobs_elsewhere": settings.STORAGES["blobs"]["BACKEND"].endswith("S3Storage"),
        "plots": [
            plot("Studies", [(_written(day), day.studies) for day in days]),
            plot("Instances", [(_written(day), day.instances) for day in days]),
        ],
        "days": list(reversed(days)),
        "number_of_days": DAYS,
        "modalities": _modalities(days),
        **_kept(BACKGROUND, NOW, _background),
    }


def _kept(key: str, seconds: int, make: Callable[[], Figure]) -> Figure:
    return cast(Figure, cache.get_or_set(key, make, seconds))


def _days() -> Sequence[Intake]:
    today = timezone.localdate()
    return [_day(today - timedelta(days=ago), over=ago > 0) for ago in reversed(range(DAYS))]


def _day(day: date, *, over: bool) -> Intake:
    return _kept(f"dashboard-day-{day}-{over}", PAST_DAY if over else SUMS, lambda: intake(day))


def _written(day: Intake) -> str:
    return date_format(day.day, "j M")


def _modalities(days: Sequence[Intake]) -> Sequence[tuple[str, int, str]]:
    """Studies by modality, with the share of the most frequent one, in percent."""
    total: Counter[str] = Counter()
    for day in days:
        total.update(day.modalities)
    most = max(total.values(), default=1)
    return [(modality, number, f"{100 * number / most:.1f}") for modality, number in total.most_common()]


def _background() -> dict[str, Any]:
    now = timezone.now()
    there = background.workers()
    return {
        "queues": queues(),
        "workers": [worker for worker in there if worker.seen_at > now - SILENT_AFTER],
        "silent": [worker for worker in there if worker.seen_at <= now - SILENT_AFTER],
        "derivations": background.derived_from(),
        "outbox": outbox(),
        "sending": sending(),
        "failed_derivations": background.failed_derivations(MOST_FAILED),
        "failed_tasks": background.failed_tasks(MOST_FAILED),
    }
