"""RequestUPSCancellation: PS3.18 Section 11.8, and N-ACTION type 2 of PS3.4 Section CC.2.2."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings

from archive.dicom.dicom_json import DataSet
from workflow.attribute_rules import for_cancellation
from workflow.errors import AlreadyCompleted, PerformerUnreachable
from workflow.event_reports import cancel_requested
from workflow.services import claims, moves
from workflow.services.held import Held, hold
from workflow.services.publish import Addressed, publish, subscribers
from workflow.services.transaction import change
from workflow.sizes import check_request
from workflow.states import CANCEL_REQUESTS, Already, Asked, Move, Refused


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The request is accepted; `already` says that the workitem was canceled before, and nothing has been done."""

    already: bool


def request_cancellation(workitem: str, details: DataSet, *, requesting_ae: str) -> Cancellation:
    """Cancel a workitem that is scheduled; tell whoever listens that one in progress should be canceled.

    Args:
        details: Reason For Cancellation, Procedure Step Discontinuation Reason Code Sequence, Contact URI and Contact
            Display Name, as far as they are known.

    Raises:
        InvalidWorkitem: the details cannot be kept, or are too much to be told.
        WorkitemNotFound, WorkitemDeleted
        AlreadyCompleted
        PerformerUnreachable
    """
    told = for_cancellation(details)
    check_request(told)
    return change(partial(_request, workitem, told, requesting_ae))


def _request(workitem: str, details: DataSet, requesting_ae: str) -> Cancellation:
    held = hold(workitem)
    match CANCEL_REQUESTS[held.state]:
        case Already():
            return Cancellation(already=True)
        case Refused():
            raise AlreadyCompleted
        case Asked():
            _ask(held, details, requesting_ae)
        case Move():
            moves.cancel(held, details)
    return Cancellation(already=False)


def _ask(held: Held, details: DataSet, requesting_ae: str) -> None:
    report = cancel_requested(held.sop_instance_uid, details, requesting_ae)
    told, person = subscribers(held.pk), claims.ask_to_cancel(held.pk, report)
    if not (told or person) and settings.ARCHIVE_UPS_CANCEL_UNHEARD == "refuse":
        raise PerformerUnreachable
    publish([Addressed(report, told)])
