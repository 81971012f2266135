"""What the worklist says to people, in their words."""

from collections.abc import Iterable, Mapping

import orjson

from archive.dicom.dicom_json import DataSet
from workflow.errors import (
    AlreadyCompleted,
    AlreadyFinal,
    LockIncorrect,
    LockMissing,
    NotFinishable,
    PerformerUnreachable,
    StateConflict,
    WorkflowError,
)
from workflow.event_reports import EventType
from workflow.models import Claim
from workflow.pages.shown_steps import NOT_READY, STATES
from workflow.readable_steps import Progress, codes, text
from workflow.selectors.history import PastEvent
from workflow.tags import (
    DISCONTINUATION_REASON_CODE_SEQUENCE,
    HUMAN_PERFORMER_CODE_SEQUENCE,
    INPUT_READINESS_STATE,
    PROCEDURE_STEP_STATE,
    REASON_FOR_CANCELLATION,
    REQUESTING_AE,
    SCHEDULED_STATION_NAME_CODE_SEQUENCE,
)

# -- what is missing -------------------------------------------------------------

_PERFORMED = "UnifiedProcedureStepPerformedProcedureSequence"

#: The Final State Requirements of COMPLETED that a workitem does not meet by itself (PS3.4 Section CC.2.5.1.1).
MISSING: Mapping[str, str] = {
    f"{_PERFORMED}.PerformedWorkitemCodeSequence": "what was done",
    f"{_PERFORMED}.PerformedStationNameCodeSequence": "where it was done",
    f"{_PERFORMED}.PerformedProcedureStepStartDateTime": "when it began",
    f"{_PERFORMED}.PerformedProcedureStepEndDateTime": "when it ended",
    f"{_PERFORMED}.OutputInformationSequence": "what came out of it, or that nothing did",
}


def missing(keywords: Iterable[str]) -> list[str]:
    """What a workitem still needs; the sequence itself says nothing that is not in what it is to hold."""
    lacking = [keyword for keyword in keywords if keyword != _PERFORMED]
    known = [words for keyword, words in MISSING.items() if keyword in lacking]
    return known + [keyword for keyword in lacking if keyword not in MISSING]


# -- errors ----------------------------------------------------------------------


def said(error: WorkflowError) -> str:
    """An error as somebody is told who has pressed a button."""
    match error:
        case LockMissing():
            return "Somebody else has claimed this step. Only they can go on with it."
        case LockIncorrect() | StateConflict(code=0xC302):
            return "Somebody else was faster: this step has been claimed."
        case StateConflict() | AlreadyFinal() | AlreadyCompleted():
            return f"This step has changed meanwhile. {error}"
        case PerformerUnreachable():
            return "Whoever performs this step cannot be told. An administrator can cancel it."
        case NotFinishable():
            return f"The step cannot be completed yet. It needs {', '.join(missing(error.missing))}."
    return str(error)


# -- events ----------------------------------------------------------------------


def told(event: PastEvent) -> str:
    """What an event report says."""
    attributes = event.attributes
    match event.type:
        case EventType.STATE_REPORT:
            state = STATES.get(text(attributes, PROCEDURE_STEP_STATE))
            ready = NOT_READY.get(text(attributes, INPUT_READINESS_STATE), "")
            return _sentence(state.word if state else "", ready, *reasons(attributes))
        case EventType.PROGRESS_REPORT:
            progress = Progress.of(attributes)
            percent = f"{progress.percent} %" if progress.percent is not None else ""
            return _sentence(percent, progress.description) or "How to reach the performer"
        case EventType.CANCEL_REQUESTED:
            return _sentence(f"{text(attributes, REQUESTING_AE)} asks to cancel", *reasons(attributes))
        case EventType.ASSIGNED:
            assigned_to = (SCHEDULED_STATION_NAME_CODE_SEQUENCE, HUMAN_PERFORMER_CODE_SEQUENCE)
            to = [str(code) for tag in assigned_to for code in codes(attributes, tag)]
            return f"Assigned to {', '.join(to)}" if to else "Assigned to nobody"
    return ""


def reasons(data_set: DataSet) -> list[str]:
    """Why somebody wants a step to be canceled, or has canceled it."""
    meanings = [str(code) for code in codes(data_set, DISCONTINUATION_REASON_CODE_SEQUENCE)]
    return [*meanings, *filter(None, [text(data_set, REASON_FOR_CANCELLATION)])]


def _sentence(*parts: str) -> str:
    return ": ".join(filter(None, (parts[0], ". ".join(filter(None, parts[1:])))))


def asked(claim: Claim) -> str:
    """What somebody who performs a step is asked."""
    return told(PastEvent(EventType.CANCEL_REQUESTED, claim.claimed_at, orjson.loads(bytes(claim.cancel_request)), ()))
