"""Requests of the worklist's transactions, as plain clients send them."""

from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

from archive.dicom.dicom_json import DataSet
from tests.workitems import data_set
from workflow.uids import FILTERED_SUBSCRIPTION, GLOBAL_SUBSCRIPTION

SERVICE = "http://testserver/dicom-web"
WORKITEMS = "/dicom-web/workitems"
GLOBAL, FILTERED = f"{WORKITEMS}/{GLOBAL_SUBSCRIPTION}", f"{WORKITEMS}/{FILTERED_SUBSCRIPTION}"
JSON, XML = "application/dicom+json", "application/dicom+xml"


def path(workitem: str) -> str:
    return f"{WORKITEMS}/{workitem}"


def send(
    client: Client, method: str, path: str, body: Any = b"", content_type: str = JSON, **headers: str
) -> HttpResponse:
    """A request with this body; a data set, or a list of them, goes as JSON."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.generic(method, path, content, content_type=content_type if content else "", headers=headers)


def state(target: str | None = None, lock: str | None = None, **others: Any) -> DataSet:
    """The data set of a change of state."""
    return data_set(TransactionUID=lock, ProcedureStepState=target, **others)


def told(response: HttpResponse) -> tuple[int, str | None]:
    """The status, and the text of the Warning without the service that it has to begin with."""
    warning = response.get("Warning")
    if warning is None:
        return response.status_code, None
    assert warning.startswith(f"299 {SERVICE}: ")
    return response.status_code, warning.removeprefix(f"299 {SERVICE}: ")
