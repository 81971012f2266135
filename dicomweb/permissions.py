"""Who may do what: Django permissions, given to people by groups (see the migrations of archive and workflow)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

VIEW_INSTANCE = "archive.view_instance"
VIEW_WORKITEM = "workflow.view_workitem"
#: What anybody may do where `ARCHIVE_ANONYMOUS_ACCESS` is `read`; where it is `write`, there is nothing they may not.
READING = frozenset({VIEW_INSTANCE, VIEW_WORKITEM})

#: What each transaction needs, by its view module. Under which AE title somebody may act, `dicomweb.requester` says.
NEEDED: Mapping[str, str] = {
    "search": VIEW_INSTANCE,
    "instances": VIEW_INSTANCE,
    "metadata": VIEW_INSTANCE,
    "pixel_data": VIEW_INSTANCE,
    "bulkdata": VIEW_INSTANCE,
    "rendered": VIEW_INSTANCE,
    "thumbnail": VIEW_INSTANCE,
    "wado_uri": VIEW_INSTANCE,
    "store": "archive.add_instance",
    "delete": "archive.delete_instance",
    "labels": VIEW_INSTANCE,
    "label_study": "archive.label_study",
    "search_workitems": VIEW_WORKITEM,
    "retrieve_workitem": VIEW_WORKITEM,
    "create_workitem": "workflow.add_workitem",
    "update_workitem": "workflow.perform_workitem",
    "change_workitem_state": "workflow.perform_workitem",
    "request_cancellation": "workflow.cancel_workitem",
    "subscribe": VIEW_WORKITEM,
    "unsubscribe": VIEW_WORKITEM,
    "suspend": VIEW_WORKITEM,
    "event_channel": VIEW_WORKITEM,
    "event_feed": VIEW_WORKITEM,
    "event_ticket": VIEW_WORKITEM,
}


class TransactionPermission(BasePermission):
    """Closed by default: a signed-in user with the permission, or anybody where the archive is opened on purpose."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "OPTIONS":
            return ReadingPermission().has_permission(request, view)
        module = view.modules.get("GET" if request.method == "HEAD" else request.method)
        if module is None:
            # Answered 405, to whoever may know more than that there is an archive.
            return settings.ARCHIVE_ANONYMOUS_ACCESS != "none" or bool(request.user.is_authenticated)
        return may(request, NEEDED[module.rpartition(".")[2]])


class ReadingPermission(BasePermission):
    """For who may read something: what is described there is no patient's."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return any(may(request, permission) for permission in READING)


def may(request: Request, permission: str) -> bool:
    access = settings.ARCHIVE_ANONYMOUS_ACCESS
    return access == "write" or (access == "read" and permission in READING) or bool(request.user.has_perm(permission))
