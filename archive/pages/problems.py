"""The page that says why something cannot be shown or downloaded."""

import logging
from collections.abc import Mapping

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from archive.errors import (
    Deleted,
    NoProcess,
    NotAUid,
    NothingDeidentified,
    NothingToDownload,
    NotStored,
    TooManyInstances,
)
from archive.http.ranges import RangeNotSatisfiable
from archive.storage import StorageError

log = logging.getLogger(__name__)

#: Which status it is, and what it is called in the heading of the page.
PROBLEMS: Mapping[type[Exception], tuple[int, str]] = {
    NotAUid: (400, "Not a UID"),
    NothingToDownload: (400, "Nothing to download"),
    NotStored: (404, "Not here"),
    Deleted: (410, "Deleted"),
    TooManyInstances: (413, "Too much for one download"),
    RangeNotSatisfiable: (416, "Nothing left to download"),
    NothingDeidentified: (422, "Nothing can be de-identified"),
    NoProcess: (503, "Try again later"),
    StorageError: (503, "Try again later"),
    InterfaceError: (503, "Try again later"),
    OperationalError: (503, "Try again later"),
}

#: What the database says is for the log.
DATABASE_AWAY = "The database cannot be reached."


def problem(request: HttpRequest, error: Exception) -> HttpResponse:
    """The page for an error of the table."""
    status, heading = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    if status >= 500:
        log.error("%s: %s", type(error).__name__, error)
    message = DATABASE_AWAY if isinstance(error, InterfaceError | OperationalError) else str(error)
    context = {"status": str(status), "heading": heading, "advice": message}
    response = render(request, "error.html", context, status=status)
    if isinstance(error, RangeNotSatisfiable):
        response["Content-Range"] = f"bytes */{error.length}"
    return response
