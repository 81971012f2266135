"""The panel that files are dropped on, for the upload page and the list of studies."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from archive.services.uploads import MOST_FILES, Result

register = template.Library()

#: Results in the order in which people want to see them, with what they are called and their icons.
RESULTS = (
    (Result.REFUSED, "Refused", "exclamation-triangle"),
    (Result.FAILED, "Failed", "exclamation-triangle"),
    (Result.STORED, "Stored", "check2"),
    (Result.KNOWN, "In the archive already", "check2"),
    (Result.SKIPPED, "Left out", "info-circle"),
)


@register.inclusion_tag("archive/upload_panel.html", takes_context=True)
def upload_panel(context: dict[str, Any], *, hidden: bool = False) -> dict[str, Any]:
    """`{% upload_panel %}`, or `{% upload_panel hidden=True %}` where it shows itself when something is dropped."""
    user = context["request"].user
    return {
        "hidden": hidden,
        "results": RESULTS,
        "settings": {
            "user": user.pk,
            "csrfCookie": settings.CSRF_COOKIE_NAME,
            "page": reverse("archive:upload"),
            "store": reverse("studies"),
            "known": reverse("archive:known") if user.has_perm("archive.view_instance") else None,
            "receipts": reverse("archive:receipts"),
            "largest": settings.ARCHIVE_MAX_INSTANCE_SIZE,
            "mostFiles": MOST_FILES,
        },
    }
