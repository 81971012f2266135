"""The Store Instances Response Module (PS3.18 Table I.1-1) and the status it goes with (Table 10.5.3-1)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from archive.services.outcomes import FailureReason, Identity, Outcome, Refused, Stored
from dicomweb.links import Links

Element = dict[str, Any]


def status(outcomes: Sequence[Outcome]) -> HTTPStatus:
    """200 when all were stored, 202 when some were; else why nothing was (STOW-40 to STOW-51)."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    if not refused:
        return HTTPStatus.OK
    if len(refused) < len(outcomes):
        return HTTPStatus.ACCEPTED
    if all(outcome.reason == FailureReason.OUT_OF_RESOURCES for outcome in refused):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.CONFLICT


def module(outcomes: Sequence[Outcome], links: Links) -> dict[str, Element]:
    """The data set in the DICOM JSON Model, in ascending order; sequences without items are left out (STOW-71)."""
    stored = [outcome.identity for outcome in outcomes if isinstance(outcome, Stored)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    sequences = {
        "00081198": [_failed_item(outcome) for outcome in failed if outcome.identity.instance],
        "00081199": [_stored_item(identity, links) for identity in stored],
        "0008119A": [{"00081197": _us(outcome.reason)} for outcome in failed if not outcome.identity.instance],
    }
    studies = {identity.study for identity in stored}
    study_url = [links.study(*studies)] if len(studies) == 1 else []
    return {"00081190": _element("UR", study_url)} | {
        tag: _element("SQ", items) for tag, items in sequences.items() if items
    }


def explanations(outcomes: Sequence[Outcome]) -> list[str]:
    """In words, why instances were refused: each reason once, for people who read the Warning header."""
    return list(dict.fromkeys(outcome.explanation for outcome in outcomes if isinstance(outcome, Refused)))


def _stored_item(identity: Identity, links: Links) -> dict[str, Element]:
    url = links.instance(identity.study, identity.series, identity.instance)
    return _reference(identity) | {"00081190": _element("UR", [url])}


def _failed_item(refused: Refused) -> dict[str, Element]:
    return _reference(refused.identity) | {"00081197": _us(refused.reason)}


def _reference(identity: Identity) -> dict[str, Element]:
    """SOP Instance Reference Macro (PS3.3 Table 10-11)."""
    return {
        "00081150": _element("UI", [identity.sop_class] if identity.sop_class else []),
        "00081155": _element("UI", [identity.instance]),
    }


def _us(code: int) -> Element:
    return _element("US", [int(code)])


def _element(vr: str, values: list[Any]) -> Element:
    return {"vr": vr, "Value": values} if values else {"vr": vr}
