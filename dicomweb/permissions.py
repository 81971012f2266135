"""Who may do what with stored objects: Django permissions, given to people by groups (see the archive's migrations)."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

#: What a method needs, in a user and as `ARCHIVE_ANONYMOUS_ACCESS`.
NEEDED = {
    "GET": ("archive.view_instance", {"read", "write"}),
    "HEAD": ("archive.view_instance", {"read", "write"}),
    "OPTIONS": ("archive.view_instance", {"read", "write"}),
    "POST": ("archive.add_instance", {"write"}),
    "DELETE": ("archive.delete_instance", {"write"}),
}


class StoredObjectPermission(BasePermission):
    """Closed by default: a signed-in user with the permission, or anybody where the archive is opened on purpose."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in NEEDED or not hasattr(view, request.method.lower()):
            # Answered 405, to whoever may know more than that there is an archive.
            return settings.ARCHIVE_ANONYMOUS_ACCESS != "none" or bool(request.user.is_authenticated)
        permission, anonymous = NEEDED[request.method]
        return settings.ARCHIVE_ANONYMOUS_ACCESS in anonymous or bool(request.user.has_perm(permission))
