"""Who may act under which AE titles."""

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from workflow.models import ApplicationEntity


def may_act_as(user: Any, ae_title: str) -> bool:
    """Whether somebody may subscribe, listen and ask under this AE title; an administrator says so in the admin."""
    return may_use_any(user) or _of(user).filter(ae_title=ae_title).exists()


def may_use_any(user: Any) -> bool:
    """Whether every legal AE title is open to them, one that nobody has registered too."""
    return settings.ARCHIVE_ANONYMOUS_ACCESS == "write" or bool(user.has_perm("workflow.use_any_ae_title"))


def ae_titles_of(user: Any) -> list[str]:
    """The AE titles that are theirs, in order; who may use any has as many as were given to them."""
    return list(_of(user).order_by("ae_title").values_list("ae_title", flat=True))


def acting_ae(user: Any, wanted: str = "") -> str:
    """The AE title of somebody who acts: of theirs the one that they want, or the only one; else the archive's."""
    theirs = ae_titles_of(user)
    if wanted in theirs:
        return wanted
    return theirs[0] if len(theirs) == 1 else str(settings.ARCHIVE_AE_TITLE)


def _of(user: Any) -> QuerySet[ApplicationEntity]:
    if not (user.is_authenticated and user.is_active):
        return ApplicationEntity.objects.none()
    theirs = Q(users=user) | Q(groups__in=user.groups.all())
    return ApplicationEntity.objects.filter(theirs).distinct()


def belongs_to_others(user: Any, ae_title: str) -> bool:
    """Whether an administrator has given this AE title to somebody, and not to them."""
    given = ~Q(users=None) | ~Q(groups=None)
    return ApplicationEntity.objects.filter(given, ae_title=ae_title).exists() and not may_act_as(user, ae_title)
