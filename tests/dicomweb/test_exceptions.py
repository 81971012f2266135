"""What went wrong, as a status and a body that explains it."""

import orjson
import pytest
from django.db import InterfaceError, OperationalError
from rest_framework import exceptions as framework

from archive.dicom.errors import MalformedMetadata, UnusableBulkdata
from archive.errors import (
    ArchiveError,
    BulkdataMismatch,
    Deleted,
    FrameNotFound,
    InstanceNotFound,
    InstancesTooLarge,
    MetadataTooLarge,
    NoPixelData,
    NotStored,
    StudyNotFound,
)
from archive.services.store import StoreFailed
from archive.storage import BlobMissing, BlobTruncated, StorageFull, StorageUnavailable
from dicomweb import errors
from dicomweb.exceptions import STATUS, handle
from dicomweb.http.frame_list import MalformedFrameList
from dicomweb.http.ranges import RangeNotSatisfiable


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.BadRequest("A reason."), 400),
        (BulkdataMismatch("A reason."), 400),
        (MalformedFrameList("A reason."), 400),
        (MalformedMetadata("A reason."), 400),
        (StudyNotFound("1.2"), 404),
        (InstanceNotFound("1", "2", "3"), 404),
        (FrameNotFound("3", [7], 2), 404),
        (NoPixelData("3"), 404),
        (errors.NotAcceptable(["text/plain"]), 406),
        (errors.ClientGone(), 408),
        (Deleted("1", "2"), 410),
        (errors.LengthRequired(), 411),
        (errors.AnswerTooLarge(10), 413),
        (errors.RequestTooLarge(10), 413),
        (InstancesTooLarge(10), 413),
        (MetadataTooLarge(10), 413),
        (errors.UnsupportedMediaType(["application/dicom"]), 415),
        (UnusableBulkdata("A reason."), 415),
        (RangeNotSatisfiable(128), 416),
        (StoreFailed("A reason."), 503),
        (BlobMissing("key"), 503),
        (BlobTruncated("key"), 503),
        (StorageFull("A reason."), 503),
        (StorageUnavailable("A reason."), 503),
        (framework.NotAuthenticated(), 401),
        (framework.PermissionDenied(), 403),
        (framework.MethodNotAllowed("PATCH"), 405),
        (framework.Throttled(), 429),
    ],
)
def test_OTH_11_every_error_has_its_status_and_a_body_that_explains_it(error, status):
    response = handle(error, {})

    assert response is not None
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    body = orjson.loads(response.content)
    assert body["status"] == status
    assert body["message"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), ArchiveError("x"), OSError("x"), RuntimeError("x")])
def test_what_nobody_foresaw_is_our_bug_and_not_the_clients(error):
    assert handle(error, {}) is None


def test_only_errors_of_our_own_are_in_the_table():
    others = {kind for kind in STATUS if kind.__module__.partition(".")[0] not in {"archive", "dicomweb"}}

    assert others == {InterfaceError, OperationalError}  # the database is away: no bug, and not ours to rename
    assert issubclass(StudyNotFound, NotStored)


@pytest.mark.parametrize("error", [OperationalError("no route to db.internal"), InterfaceError("closed")])
def test_a_database_that_is_away_is_503_and_what_it_said_stays_inside(error):
    response = handle(error, {})

    assert response.status_code == 503
    assert str(error).encode() not in response.content


@pytest.mark.django_db
def test_a_bug_is_500_with_a_body_that_says_nothing_about_it(archive, monkeypatch):
    """OTH-17"""

    def fail(*arguments: object) -> None:
        raise ValueError("Doe^Jane")

    monkeypatch.setattr("dicomweb.views.metadata.locate.instances", fail)

    response = archive.get("/dicom-web/studies/1.2.3/metadata")

    assert response.status_code == 500
    assert response.json()["message"].startswith("The archive failed to answer.")
    assert "Doe" not in response.content.decode()
