"""What went wrong, as a status and a body that explains it."""

import orjson
import pytest
from django.db import InterfaceError, OperationalError
from rest_framework import exceptions as framework

from archive.dicom.errors import MalformedAttribute, MalformedMetadata, UnusableBulkdata, UnusableViewport
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
from archive.http.ranges import RangeNotSatisfiable
from archive.services.store import StoreFailed
from archive.storage import BlobMissing, BlobTruncated, StorageFull, StorageUnavailable
from dicomweb import errors, workitem_answer
from dicomweb.exceptions import STATUS, handle
from dicomweb.http.frame_list import MalformedFrameList
from dicomweb.http.rendering_parameters import MalformedRendering
from workflow import errors as worklist


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.BadRequest("A reason."), 400),
        (BulkdataMismatch("A reason."), 400),
        (MalformedFrameList("A reason."), 400),
        (MalformedMetadata("A reason."), 400),
        (MalformedRendering("A reason."), 400),
        (UnusableViewport("A reason."), 400),
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
        (MalformedAttribute("00100010", "is not an object"), 400),
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


MISSING = worklist.Problem("PatientName", "is missing", 0x0120)
WORKLIST = [
    (worklist.InvalidWorkitem([MISSING]), 400, "0120", None),
    (worklist.InvalidFilter("A reason."), 400, "0106", None),
    (worklist.NotScheduled(), 400, "C309", None),
    (worklist.NotForOneWorkitem(), 400, "C314", None),
    (worklist.LockMissing(), 400, "C301", "The Transaction UID is missing."),
    (worklist.LockIncorrect(), 400, "C301", "The Transaction UID is incorrect."),
    (worklist.AlreadyFinal("COMPLETED"), 400, "C300",
     "The submitted request is inconsistent with the current state of the Workitem."),
    (worklist.FilterRefused(), 403, f"{worklist.FilterRefused.code:04X}",
     "Filtered Worklist Subscriptions are not supported."),
    (worklist.WorkitemNotFound("1.2"), 404, "C307", None),
    (worklist.NotSubscribed("RIS"), 404, "C307", None),
    (worklist.UnknownSubscriber("RIS"), 404, "C308", None),
    (worklist.DuplicateWorkitem("1.2"), 409, "0111", None),
    (worklist.LockUnexpected(), 409, "C310", "The target URI did not reference a claimed Workitem."),
    *((worklist.StateConflict(code, "COMPLETED", "CANCELED"), 409, f"{code:04X}",
       "The submitted request is inconsistent with the state of the UPS Instance.") for code in worklist.CONFLICTS),
    (worklist.NotFinishable("COMPLETED", ["PatientName"]), 409, "C304",
     "The submitted request is inconsistent with the state of the UPS Instance."),
    (worklist.AlreadyCompleted(), 409, "C311", "The UPS is already COMPLETED."),
    (worklist.PerformerUnreachable(), 409, "C312", "The performer cannot be contacted."),
    (worklist.WorkitemDeleted("1.2"), 410, "C307", None),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status", "code", "warning"), WORKLIST)
def test_every_error_of_the_worklist_has_its_status_its_code_and_the_warning_of_the_standard(
    rf, error, status, code, warning
):
    response = handle(error, {"request": rf.get("/")})

    told = {} if warning is None else {"warning": warning}
    assert orjson.loads(response.content) == {"status": status, "message": str(error), "code": code} | told
    assert response.status_code == status
    assert response.get("Warning") == (warning and f"299 http://testserver/dicom-web: {warning}")


def test_no_error_of_the_worklist_is_forgotten():
    kinds = {kind for kind in vars(worklist).values() if isinstance(kind, type) and issubclass(kind, Exception)}

    assert kinds - {worklist.WorkflowError} == {kind for kind in STATUS if kind in kinds}
    assert {type(error) for error, *_ in WORKLIST} == kinds - {worklist.WorkflowError}
    assert set(workitem_answer.FAILURES) <= kinds


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), ArchiveError("x"), OSError("x"), RuntimeError("x")])
def test_what_nobody_foresaw_is_our_bug_and_not_the_clients(error):
    assert handle(error, {}) is None


def test_only_errors_of_our_own_are_in_the_table():
    others = {kind for kind in STATUS if kind.__module__.partition(".")[0] not in {"archive", "dicomweb", "workflow"}}

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
