"""What can go wrong in the worklist, as facts. Which HTTP status that is, `dicomweb/exceptions.py` says.

`code` is the status code of PS3.4 Annex CC or PS3.7 Annex C that stands for the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.dicom.matching.attribute_paths import attribute_path


def _named(path: str) -> str:
    """A path as people look it up, and as a request has it: `PatientName (0010,0010)`."""
    match attribute_path(path.rpartition(".")[2]):
        case (str(tag),):
            return f"{path} ({tag[:4]},{tag[4:]})"
    return path


class WorkflowError(Exception):
    """The base of all of them. Messages carry UIDs, tags, keywords and codes, never values."""

    code = 0x0110


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one attribute.

    Args:
        path: as `ScheduledStationNameCodeSequence[1].CodeMeaning`; empty for the data set as such.
        code: 0x0120 missing, 0x0121 without the value it needs, 0x0105 not to be there, 0x0106 another value.
    """

    path: str
    reason: str
    code: int

    def __str__(self) -> str:
        return f"{_named(self.path)} {self.reason}".strip()


#: So many problems are told.
TOLD = 20


class InvalidWorkitem(WorkflowError):
    """A data set breaks the requirements of PS3.4 Table CC.2.5-3."""

    code = 0x0106

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = f" and {len(problems) - TOLD} more" if len(problems) > TOLD else ""
        super().__init__(f"The workitem is not valid: {'; '.join(map(str, problems[:TOLD]))}{more}.")
        self.problems = tuple(problems)
        self.code = problems[0].code


class WorkitemNotFound(WorkflowError):
    code = 0xC307

    def __init__(self, workitem: str) -> None:
        super().__init__(f"There is no workitem {workitem}.")


class WorkitemDeleted(WorkflowError):
    """It was there, and has been purged after its time."""

    code = 0xC307

    def __init__(self, workitem: str) -> None:
        super().__init__(f"Workitem {workitem} was finished and has been deleted.")


class DuplicateWorkitem(WorkflowError):
    code = 0x0111

    def __init__(self, workitem: str) -> None:
        super().__init__(f"There is or was a workitem {workitem}; every workitem has a UID of its own.")


class NotScheduled(WorkflowError):
    """A workitem would be created in another state."""

    code = 0xC309

    def __init__(self) -> None:
        super().__init__("A new workitem has the Procedure Step State SCHEDULED, and no other.")


class LockMissing(WorkflowError):
    code = 0xC301

    def __init__(self) -> None:
        super().__init__(
            "There is no Transaction UID (0008,1195): who claims a workitem makes one and shows it from then on."
        )


class LockIncorrect(WorkflowError):
    code = 0xC301

    def __init__(self) -> None:
        super().__init__("The Transaction UID is not the one that the workitem was claimed with.")


def lock_refused(offered: str) -> LockMissing | LockIncorrect:
    """To be raised where the Transaction UID of a request, "" when it has none, is not the lock."""
    return LockIncorrect() if offered else LockMissing()


class LockUnexpected(WorkflowError):
    """An update names a lock, and nobody has claimed the workitem."""

    code = 0xC310

    def __init__(self) -> None:
        super().__init__("Nobody has claimed the workitem; to update it takes no Transaction UID.")


class AlreadyFinal(WorkflowError):
    """An update of what is completed or canceled."""

    code = 0xC300

    def __init__(self, state: str) -> None:
        super().__init__(f"The workitem is {state}; it cannot be updated any more.")


#: PS3.4 Table CC.2.1-3.
CONFLICTS = {
    0xC300: "The workitem is {state}; nothing leads from there to {requested}.",
    0xC302: "The workitem is {state} already; it can be claimed once.",
    0xC303: "Nothing leads back to {requested}.",
    0xC310: "The workitem is {state}; it has to be claimed before it can be {requested}.",
}


class StateConflict(WorkflowError):
    """The requested state does not follow from the present one: 0xC300, 0xC302, 0xC303, 0xC310."""

    def __init__(self, code: int, state: str, requested: str) -> None:
        super().__init__(CONFLICTS[code].format(state=state, requested=requested))
        self.code = code


class NotFinishable(WorkflowError):
    """The Final State Requirements are not met."""

    code = 0xC304

    def __init__(self, state: str, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(f"A workitem that is {state} needs: {', '.join(map(_named, self.missing))}.")


class AlreadyCompleted(WorkflowError):
    """Somebody asks for the cancellation of what is completed."""

    code = 0xC311

    def __init__(self) -> None:
        super().__init__("The workitem is COMPLETED; it cannot be canceled any more.")


class PerformerUnreachable(WorkflowError):
    """Nobody is subscribed to a workitem in progress who could be told that it should be canceled."""

    code = 0xC312

    def __init__(self) -> None:
        super().__init__("The workitem is IN PROGRESS, and nobody is subscribed to it who could tell its performer.")


class NotSubscribed(WorkflowError):
    code = 0xC307

    def __init__(self, ae_title: str) -> None:
        super().__init__(f"{ae_title} has no such subscription.")


class UnknownSubscriber(WorkflowError):
    """Only some AE titles may subscribe here (`ARCHIVE_UPS_AE_TITLES`), and this is none of them."""

    code = 0xC308

    def __init__(self, ae_title: str) -> None:
        super().__init__(f"{ae_title} may not subscribe: it is none of the AE titles of this archive.")


class InvalidFilter(WorkflowError):
    """The keys of a filtered subscription are none that a search could have, or there are none."""

    code = 0x0106


class FilterRefused(WorkflowError):
    """The archive is set to have no filtered subscriptions."""

    code = 0xC307

    def __init__(self) -> None:
        super().__init__("AEs subscribe to one workitem or to all of them here, not to those that match a filter.")


class NotForOneWorkitem(WorkflowError):
    """Only global subscriptions can be suspended."""

    code = 0xC314

    def __init__(self) -> None:
        super().__init__("A subscription to one workitem cannot be suspended, only deleted.")
