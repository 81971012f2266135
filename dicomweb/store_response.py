"""The Store Instances Response Module (PS3.18 Table I.1-1) and the status it goes with (Table 10.5.3-1)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from archive.services.outcomes import FailureReason, Identity, Outcome, Refused, Stored
from dicomweb.links import Links

Element = dict[str, Any]
Kind = TypeVar("Kind", Stored, Refused)


def status(outcomes: Sequence[Outcome]) -> HTTPStatus:
    """200 when all were stored just so, 202 when some were or with warnings; else why nothing was (STOW-40 to 51)."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    if not refused:
        warned = any(isinstance(outcome, Stored) and outcome.warning for outcome in outcomes)
        return HTTPStatus.ACCEPTED if warned else HTTPStatus.OK
    if len(refused) < len(outcomes):
        return HTTPStatus.ACCEPTED
    if all(outcome.reason == FailureReason.OUT_OF_RESOURCES for outcome in refused):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.CONFLICT


def module(outcomes: Sequence[Outcome], links: Links) -> dict[str, Element]:
    """The data set in the DICOM JSON Model, in ascending order; sequences without items are left out (STOW-71).

    An instance that came in several parts has one item for what was stored and one for what was not (STOW-70).
    """
    stored = [outcome for outcome in outcomes if isinstance(outcome, Stored)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    sequences = {
        "00081198": [_failed_item(outcome) for outcome in _one_each(failed) if outcome.identity.instance],
        "00081199": [_stored_item(outcome, links) for outcome in _one_each(stored)],
        "0008119A": [{"00081197": _us(outcome.reason)} for outcome in failed if not outcome.identity.instance],
    }
    studies = {outcome.identity.study for outcome in stored}
    study_url = [links.study(*studies)] if len(studies) == 1 else []
    return {"00081190": _element("UR", study_url)} | {
        tag: _element("SQ", items) for tag, items in sequences.items() if items
    }


def explanations(outcomes: Sequence[Outcome]) -> list[str]:
    """In words, what went wrong: each reason once, for people who read the Warning header."""
    return list(dict.fromkeys(outcome.explanation for outcome in outcomes if outcome.explanation))


def _one_each(outcomes: Sequence[Kind]) -> list[Kind]:
    """The first outcome of each SOP Instance UID."""
    found: dict[str, Kind] = {}
    for outcome in outcomes:
        found.setdefault(outcome.identity.instance, outcome)
    return list(found.values())


def _stored_item(stored: Stored, links: Links) -> dict[str, Element]:
    identity = stored.identity
    url = links.instance(identity.study, identity.series, identity.instance)
    warning = {"00081196": _us(stored.warning)} if stored.warning else {}
    original = {"04000561": _element("SQ", [stored.original_attributes])} if stored.original_attributes else {}
    return _reference(identity) | {"00081190": _element("UR", [url])} | warning | original


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
