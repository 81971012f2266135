"""Probes for orchestrators: `/healthz` says the process answers, `/readyz` that it can do its work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from archive.storage import StorageError, blobs


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    problems = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        problems["database"] = "unavailable"
    try:
        blobs().check()
    except StorageError:
        problems["storage"] = "unavailable"
    return JsonResponse({"status": "not ready" if problems else "ready", **problems}, status=503 if problems else 200)
