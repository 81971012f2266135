"""Links by which one study is shared: made, opened, revoked."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from archive.audit.events import Action
from archive.audit.trail import note
from archive.models import ShareLink, Study
from archive.share_tokens import digest, new_token


def make(study: Study, user: Any, *, expires_at: datetime, words: str = "", may_download: bool = False) -> str:
    """Share the study until then. Returns the token, which nobody can find out afterwards."""
    token = new_token()
    link = ShareLink.objects.create(
        study=study,
        token_sha256=digest(token),
        note=words,
        may_download=may_download,
        made_by=user,
        expires_at=expires_at,
    )
    note(Action.STUDY_SHARED, study.study_instance_uid, subject=f"{link}: made")
    return token


def revoke(link: ShareLink) -> None:
    """End it now."""
    if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
        note(Action.STUDY_SHARED, link.study.study_instance_uid, subject=f"{link}: revoked")


def count_use(link: ShareLink) -> None:
    """Somebody has opened it."""
    ShareLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, used_at=timezone.now())
