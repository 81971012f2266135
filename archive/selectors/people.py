"""What people keep: their columns, their worklists and those of their groups, and what they have not looked at yet."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from archive.models import SavedWorklist, Study, StudyListColumns, StudyVisit

#: What came longer ago is not new to anybody.
NEW_FOR = timedelta(days=7)


def columns(user: Any) -> list[str]:
    """The names of the columns that somebody has chosen."""
    return [
        name for text in StudyListColumns.objects.filter(user=user).values_list("columns") for name in text[0].split()
    ]


def worklists(user: Any) -> QuerySet[SavedWorklist]:
    """The worklists that somebody sees: who sees one may also remove it."""
    mine = Q(owner=user) | Q(group__in=user.groups.all())
    return SavedWorklist.objects.filter(mine).select_related("group").order_by("group__name", "name")


def unread(user: Any, studies: Sequence[Study]) -> set[int]:
    """Of these studies the primary keys of those that are new, or have grown, since somebody last opened them."""
    recent = {study.pk: study for study in studies if study.last_instance_at > timezone.now() - NEW_FOR}
    visits = StudyVisit.objects.filter(user=user, study__in=recent).values_list("study_id", "visited_at")
    return recent.keys() - {pk for pk, visited_at in visits if visited_at >= recent[pk].last_instance_at}
