"""How much the archive holds, and what came when: sums over studies, which have counts and sizes of their own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from archive import rows
from archive.models import DerivedTotal, Study


@dataclass(frozen=True, slots=True)
class Holdings:
    """Sizes are in bytes."""

    studies: int
    instances: int
    size: int
    derived: int
    database: int


@dataclass(frozen=True, slots=True)
class Intake:
    """The studies that came on a day, with what they have by now; how many of them have each modality."""

    day: date
    studies: int = 0
    instances: int = 0
    size: int = 0
    modalities: Mapping[str, int] = field(default_factory=dict)


def holdings() -> Holdings:
    # Three sums, each over an index of its own.
    return Holdings(
        studies=Study.objects.count(),
        instances=Study.objects.aggregate(total=Sum("number_of_study_related_instances"))["total"] or 0,
        size=Study.objects.aggregate(total=Sum("size"))["total"] or 0,
        derived=DerivedTotal.objects.values_list("size", flat=True).first() or 0,
        database=_database_size(),
    )


def _database_size() -> int:
    if connection.vendor == "postgresql":
        [(size,)] = rows.select("SELECT pg_database_size(current_database())")
    else:
        [(size,)] = rows.select("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    return int(size)


def intake(day: date) -> Intake:
    """What came on this day, which begins when it does in the current time zone."""
    begins = timezone.make_aware(datetime.combine(day, time()))
    ends = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    came = Study.objects.filter(created_at__gte=begins, created_at__lt=ends).order_by()
    # By what no index has: SQLite would walk that of modalities, and look up every study there is.
    grouped = came.values(kind=Coalesce("modalities_in_study", Value("")))
    groups = list(
        grouped.annotate(studies=Count("pk"), instances=Sum("number_of_study_related_instances"), bytes=Sum("size"))
    )
    modalities: Counter[str] = Counter()
    for group in groups:
        for modality in filter(None, group["kind"].split("\\")):
            modalities[modality] += group["studies"]
    studies, instances, size = (sum(group[name] for group in groups) for name in ("studies", "instances", "bytes"))
    return Intake(day, studies, instances, size, modalities)
