"""Links by which one study is shared: which are open, and which a study has."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils import timezone

from archive.models import ShareLink, Study
from archive.share_tokens import digest

#: What somebody needs to share a study. A link is open while who has made it has both.
NEEDED = ("archive.share_study", "archive.view_instance")


def by_token(token: str) -> ShareLink | None:
    """The open link of this token."""
    return _open(ShareLink.objects.filter(token_sha256=digest(token)))


def of_study(study: str, pks: Collection[int]) -> ShareLink | None:
    """An open link to the study among these."""
    return _open(ShareLink.objects.filter(pk__in=pks, study__study_instance_uid=study))


def links(study: Study) -> QuerySet[ShareLink]:
    """Every link that the study has had, the newest first."""
    return study.share_links.select_related("made_by").order_by("-made_at", "-pk")


def _open(found: QuerySet[ShareLink]) -> ShareLink | None:
    in_time = found.filter(revoked_at=None, expires_at__gt=timezone.now())
    candidates = in_time.select_related("study", "made_by").order_by("-may_download", "-pk")
    return next((link for link in candidates if link.made_by.has_perms(NEEDED)), None)
