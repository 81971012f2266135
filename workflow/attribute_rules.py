"""What a workitem has to be when it is created, updated and finished: PS3.4 Section CC.2.5 and its Table CC.2.5-3."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from archive.dicom.dicom_json import DataSet
from archive.dicom.value_representations import first_value
from workflow import attribute_values
from workflow.attribute_requirements import Column, Requirements, of_cancellation, of_creation, of_update
from workflow.attribute_table import rows_within
from workflow.attribute_values import is_private, is_private_creator
from workflow.data_sets import element, in_order, is_valued, valued
from workflow.errors import InvalidWorkitem, NotScheduled
from workflow.states import CANCELED, COMPLETED, SCHEDULED
from workflow.tags import (
    CANCELLATION_DATE_TIME,
    CODE_MEANING,
    CODE_VALUE,
    CODING_SCHEME_DESIGNATOR,
    COMMUNICATIONS_URI_SEQUENCE,
    CONTACT_DISPLAY_NAME,
    CONTACT_URI,
    DISCONTINUATION_REASON_CODE_SEQUENCE,
    MODIFICATION_DATE_TIME,
    PROCEDURE_STEP_STATE,
    PROGRESS_INFORMATION_SEQUENCE,
    REASON_FOR_CANCELLATION,
    SOP_CLASS_UID,
    SPECIFIC_CHARACTER_SET,
    TRANSACTION_UID,
    WORKLIST_LABEL,
)
from workflow.uids import PUSH_SOP_CLASS

DEFAULT_WORKLIST_LABEL = "Default"


@dataclass(frozen=True, slots=True)
class Checked:
    """A data set that meets the table.

    Args:
        modified: the archive has changed, filled in or dropped something, which the client is to be told.
        unsupported: among that attributes that a workitem cannot have (PS3.7 Annex C, 0x0001).
    """

    data_set: DataSet = field(repr=False)
    modified: bool
    unsupported: bool = False


# -- created ---------------------------------------------------------------------


def for_creation(data_set: DataSet, *, strict: bool, now: str, worklist_label: str = DEFAULT_WORKLIST_LABEL) -> Checked:
    """A new workitem as it is kept.

    Args:
        strict: missing attributes that may be empty are problems, and are not filled in.
        now: a DT with its offset from UTC.
        worklist_label: of a workitem that has none.

    Raises:
        NotScheduled: it has another state.
        InvalidWorkitem: it breaks the requirements for other reasons.
    """
    if first_value(data_set, PROCEDURE_STEP_STATE) not in (None, SCHEDULED):
        raise NotScheduled
    # Nothing is kept of the Transaction UID, so that nothing changes when it is not there.
    given = data_set if strict else {TRANSACTION_UID: element("UI")} | data_set
    checked = _checked(given, of_creation, strict=strict)
    completed = {tag: held for tag, held in checked.data_set.items() if tag != TRANSACTION_UID}
    label = {} if is_valued(completed, WORKLIST_LABEL) else {WORKLIST_LABEL: element("LO", worklist_label)}
    own = {SOP_CLASS_UID: element("UI", PUSH_SOP_CLASS), MODIFICATION_DATE_TIME: element("DT", now)}
    return Checked(
        _in_unicode(completed | label | own),
        modified=checked.modified or bool(label) or _overrides(completed, own),
    )


# -- updated ---------------------------------------------------------------------


def for_update(changes: DataSet, *, now: str) -> Checked:
    """Changes as they are to be `merged`; the Transaction UID has been taken out of them.

    Args:
        now: a DT with its offset from UTC.

    Raises:
        InvalidWorkitem: they break the requirements.
    """
    checked = _checked(changes, of_update, strict=False)
    own = {MODIFICATION_DATE_TIME: element("DT", now)}
    # How the request was encoded says nothing of the workitem.
    changed = {tag: held for tag, held in checked.data_set.items() if tag != SPECIFIC_CHARACTER_SET}
    modified = checked.modified or _overrides(changed, own)
    return Checked(in_order(changed | own), modified, checked.unsupported)


def merged(data_set: DataSet, changes: DataSet) -> DataSet:
    """The workitem after an update: attributes are replaced as a whole, sequences too."""
    others = {
        tag[:4] + tag[6:]
        for tag in changes
        if is_private_creator(tag) and first_value(data_set, tag) != first_value(changes, tag)
    }
    kept = {tag: held for tag, held in data_set.items() if not (is_private(tag) and tag[:6] in others)}
    return _in_unicode(kept | changes)


def _checked(data_set: DataSet, column: Column, *, strict: bool) -> Checked:
    read = attribute_values.read(data_set)
    requirements = Requirements(column, strict=strict)
    completed = requirements.completed(read.data_set)
    unfit = {problem.path for problem in read.problems}
    problems = [*read.problems, *(problem for problem in requirements.problems if problem.path not in unfit)]
    if problems:
        raise InvalidWorkitem(problems)
    return Checked(completed, modified=read.dropped or requirements.filled, unsupported=read.unsupported)


def _overrides(data_set: DataSet, own: DataSet) -> bool:
    """Whether the client gave what the archive sets itself, and gave it otherwise."""
    return any(is_valued(data_set, tag) and data_set[tag] != ours for tag, ours in own.items())


def _in_unicode(data_set: DataSet) -> DataSet:
    """The data set in order, with the character set that JSON has (PS3.18 Section F.2) if a text needs one."""
    texts = {tag: held for tag, held in data_set.items() if tag != SPECIFIC_CHARACTER_SET}
    named = {} if orjson.dumps(texts).isascii() else {SPECIFIC_CHARACTER_SET: element("CS", "ISO_IR 192")}
    return in_order(texts | named)


# -- finished --------------------------------------------------------------------

#: The Final State Requirements of each state (PS3.4 Section CC.2.5.1.1). Whether a performer is known (RC) nobody knows
#: but the performer; the character set (RC) is kept with the texts.
FINAL_CODES: Mapping[str, frozenset[str]] = {COMPLETED: frozenset("RP"), CANCELED: frozenset("RX")}


def missing_for(state: str, data_set: DataSet) -> list[str]:
    """What the workitem lacks to be in a final state, by keywords."""
    return list(dict.fromkeys(_missing(FINAL_CODES[state], data_set, ())))


def _missing(codes: frozenset[str], item: DataSet, path: tuple[str, ...]) -> Iterator[str]:
    for tag, row in rows_within(path).items():
        if row.final in codes:
            # What an update may give empty (type 2) has to be there, and may be empty in the end too.
            if tag not in item if row.set.client == "2" else not is_valued(item, tag):
                yield row.keywords
            for nested in (item.get(tag, {}).get("Value") or [{}]) if row.vr == "SQ" else ():
                yield from _missing(codes, nested, row.path)


# -- canceled --------------------------------------------------------------------

#: PS3.16 Annex D: what is said where nobody says why.
UNSPECIFIED_REASON: DataSet = {
    CODE_VALUE: element("SH", "110513"),
    CODING_SCHEME_DESIGNATOR: element("SH", "DCM"),
    CODE_MEANING: element("LO", "Discontinued for unspecified reason"),
}

#: What a request to cancel may say (PS3.4 Table CC.2.2-1): of its reasons, and of whom to ask.
REASONS = (DISCONTINUATION_REASON_CODE_SEQUENCE, REASON_FOR_CANCELLATION)
CONTACT = (CONTACT_URI, CONTACT_DISPLAY_NAME)


def for_cancellation(details: DataSet) -> DataSet:
    """What a request to cancel says, without the attributes that it cannot have.

    Raises:
        InvalidWorkitem: a value does not fit, or an attribute is there without one.
    """
    reasons, contact = _only(details, REASONS), _only(details, CONTACT)
    told = reasons | ({COMMUNICATIONS_URI_SEQUENCE: element("SQ", contact)} if contact else {})
    as_update = {PROGRESS_INFORMATION_SEQUENCE: element("SQ", told)}
    checked = _checked(as_update, of_cancellation, strict=False).data_set
    item: DataSet = first_value(checked, PROGRESS_INFORMATION_SEQUENCE) or {}
    return in_order(_only(item, REASONS) | (first_value(item, COMMUNICATIONS_URI_SEQUENCE) or {}))


def with_cancellation(data_set: DataSet, *, now: str, reason: DataSet | None = None) -> DataSet:
    """The workitem with what CANCELED needs, as far as it has not got it, and with what the request to cancel said.

    Args:
        now: a DT with its offset from UTC.
        reason: as `for_cancellation` gives it.
    """
    item: DataSet = first_value(data_set, PROGRESS_INFORMATION_SEQUENCE) or {}
    held = valued(item, item)
    defaults: DataSet = {
        CANCELLATION_DATE_TIME: element("DT", now),
        DISCONTINUATION_REASON_CODE_SEQUENCE: element("SQ", UNSPECIFIED_REASON),
    }
    said = _only(reason or {}, REASONS) | _communications(item, _only(reason or {}, CONTACT))
    canceled = {PROGRESS_INFORMATION_SEQUENCE: element("SQ", in_order(defaults | held | said))}
    return _in_unicode(data_set | canceled)


def _communications(item: DataSet, contact: DataSet) -> DataSet:
    """Whom to ask, after those that the workitem names already; nobody who does not say where to be reached."""
    if CONTACT_URI not in contact:
        return {}
    named = item.get(COMMUNICATIONS_URI_SEQUENCE, {}).get("Value", [])
    return {COMMUNICATIONS_URI_SEQUENCE: element("SQ", *named, contact)}


# -- data sets -------------------------------------------------------------------


def _only(data_set: DataSet, tags: tuple[str, ...]) -> DataSet:
    return {tag: data_set[tag] for tag in tags if tag in data_set}
