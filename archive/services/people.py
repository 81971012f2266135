"""What people keep: written when they ask for it, or when they open a study."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from archive.errors import NameTaken
from archive.models import SavedWorklist, Study, StudyListColumns, StudyVisit


def keep_columns(user: Any, names: Sequence[str]) -> None:
    """The columns somebody wants to see; none for the usual ones."""
    if names:
        StudyListColumns.objects.update_or_create(user=user, defaults={"columns": " ".join(names)})
    else:
        StudyListColumns.objects.filter(user=user).delete()


def keep_worklist(name: str, query: str, *, owner: Any = None, group: Group | None = None) -> None:
    """Keep a search, for a person or for a group.

    Raises:
        NameTaken: they have one of this name.
    """
    try:
        with transaction.atomic():
            SavedWorklist.objects.create(name=name, query=query, owner=owner, group=group)
    except IntegrityError:
        raise NameTaken from None


def visit(user: Any, study: Study) -> None:
    """Somebody has opened the study: it is not new to them any more."""
    StudyVisit.objects.update_or_create(user=user, study=study, defaults={"visited_at": timezone.now()})
