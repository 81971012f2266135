"""Store instances: parse each once, make its bytes durable, then make all of one request visible together.

A crash at any moment leaves an instance wholly visible or not at all, and at worst a blob that no row refers to.
"""

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import astuple, dataclass, field, replace

from django.conf import settings
from django.db import DatabaseError

from archive import rows
from archive.dicom import part10
from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.part10 import ParsedInstance
from archive.dicom.pixel_data import PIXEL_DATA_TAGS, number_of_frames
from archive.dicom.uids import is_tolerable_uid
from archive.errors import ArchiveError
from archive.services.outcomes import FailureReason, Identity, Outcome, Refused, Stored, WarningReason
from archive.services.record import AlreadyStored, NewInstance, record
from archive.services.spool import Spool
from archive.storage import StorageError, blobs, io_pool, new_key

log = logging.getLogger(__name__)

#: Deflated objects are inflated to be parsed: what a few megabytes can swell to is limited on its own.
LARGEST_INFLATED = 2 << 30
#: So many blobs of one request may wait to be written: it bounds the memory of a fast sender.
WRITES_AHEAD = 8
#: So many of the attributes that were discarded are named.
NAMED = 8

NOBODY = Identity()


class StoreFailed(ArchiveError):
    """The database did not take the instances; none of the request is visible."""


@dataclass(frozen=True, slots=True)
class _Twin:
    """What is stored under the SOP Instance UID of an instance, or will be by an earlier part of the same request."""

    study: str
    series: str
    sha256: str
    #: Its position in the request; None when it is stored.
    position: int | None = None


@dataclass
class _Pending:
    """An instance whose bytes are being written."""

    new: NewInstance
    #: What becomes of it when all goes well.
    stored: Stored
    written: Future[None] = field(repr=False)


class StoreBatch:
    """The instances of one request. `add` each, then `finish`, which answers for all of them in the order of `add`.

    Args:
        study: when given, instances of other studies are refused (PS3.18 Section 10.5.1.1).
    """

    def __init__(self, *, study: str | None = None) -> None:
        self._study = study
        self._outcomes: list[Outcome | None] = []
        self._pending: dict[int, _Pending] = {}
        #: By SOP Instance UID, what earlier parts bring.
        self._twins: dict[str, _Twin] = {}
        #: Repeated parts, with the position of the part whose outcome is theirs too.
        self._repeats: dict[int, int] = {}

    def add(self, spool: Spool, *, discarded: Sequence[str] = ()) -> None:
        """Parse one object and begin to write its bytes. The spool is the batch's from here on.

        Args:
            discarded: attributes that were sent with it and are not in it.
        """
        position = len(self._outcomes)
        outcome = self._add(spool, position, discarded)
        if outcome is not None:
            spool.close()
        self._outcomes.append(outcome)

    def refuse(self, reason: FailureReason, explanation: str, identity: Identity = NOBODY) -> None:
        """Count an object that is not even worth a look."""
        self._outcomes.append(Refused(identity, reason, explanation))

    def _add(self, spool: Spool, position: int, discarded: Sequence[str]) -> Outcome | None:
        try:
            parsed = part10.parse(spool.file(), max_inflated=min(settings.ARCHIVE_MAX_INSTANCE_SIZE, LARGEST_INFLATED))
        except (NotDicom, MalformedDicom) as error:
            return Refused(Identity(), FailureReason.CANNOT_UNDERSTAND, str(error))
        identity = _identity(parsed)
        if refused := _incomplete(identity) or self._of_another_study(identity) or _of_another_class(identity):
            return refused
        stored = _stored(identity, parsed, discarded)
        twin = self._twins.get(identity.instance) or _stored_twin(identity.instance)
        if twin and (outcome := _judge_twin(stored, spool.sha256, twin)):
            if isinstance(outcome, Stored) and twin.position is not None:
                self._repeats[position] = twin.position
            return outcome
        self._twins[identity.instance] = _Twin(identity.study, identity.series, spool.sha256, position)
        new = NewInstance.of(parsed, blob_key=new_key(), size=spool.size, sha256=spool.sha256)
        self._make_room()
        self._pending[position] = _Pending(new, stored, io_pool().submit(spool.put, new.blob_key))
        return None

    def _of_another_study(self, identity: Identity) -> Refused | None:
        if self._study in (None, identity.study):
            return None
        return Refused(identity, FailureReason.STUDY_MISMATCH, f"The instance belongs to study {identity.study}.")

    def _make_room(self) -> None:
        waiting = [pending.written for pending in self._pending.values() if not pending.written.done()]
        if len(waiting) >= WRITES_AHEAD:
            waiting[0].exception()

    def finish(self) -> list[Outcome]:
        """Make what could be written visible, in one transaction.

        Raises:
            StoreFailed: the database did not take it.
        """
        self._await_writes()
        self._record()
        for position, first in self._repeats.items():
            outcome = self._outcomes[first]
            self._outcomes[position] = replace(outcome, created=False) if isinstance(outcome, Stored) else outcome
        return [outcome for outcome in self._outcomes if outcome is not None]

    def _await_writes(self) -> None:
        for position, pending in list(self._pending.items()):
            try:
                pending.written.result()
            except (StorageError, OSError) as error:
                log.error("could not write the bytes of instance %s: %s", pending.new.identity.instance, error)
                self._settle(
                    position,
                    Refused(pending.new.identity, FailureReason.OUT_OF_RESOURCES, "The instance could not be written."),
                )

    def _settle(self, position: int, outcome: Outcome) -> None:
        self._outcomes[position] = outcome
        del self._pending[position]

    def _record(self) -> None:
        while self._pending:
            news = [pending.new for pending in self._pending.values()]
            try:
                orphans = record(news, replace=settings.ARCHIVE_ON_DUPLICATE == "replace")
            except AlreadyStored:
                self._yield_to_twins()
                continue
            except DatabaseError as error:
                # Whether the commit took place may be unknown: the blobs stay, a check of the storage finds orphans.
                log.error("could not record %d instances: %s", len(news), type(error).__name__)
                raise StoreFailed("The database did not take the instances; try again.") from error
            for position in list(self._pending):
                self._settle(position, self._pending[position].stored)
            delete_blobs(orphans)

    def _yield_to_twins(self) -> None:
        """Another request was faster with some of these instances: they are judged as if it had come first."""
        surplus = []
        for position, pending in list(self._pending.items()):
            twin = _stored_twin(pending.new.identity.instance)
            if twin and (outcome := _judge_twin(pending.stored, pending.new.sha256, twin)):
                self._settle(position, outcome)
                surplus.append(pending.new.blob_key)
        delete_blobs(surplus)

    def abandon(self) -> None:
        """Forget the request: nothing of it becomes visible, what was written is removed."""
        written = [p.new.blob_key for p in self._pending.values() if p.written.exception() is None]
        self._pending.clear()
        delete_blobs(written)


def delete_blobs(keys: Iterable[str]) -> None:
    """Remove blobs that no row refers to. What cannot be removed now, a check of the storage finds."""
    for key in keys:
        try:
            blobs().delete(key)
        except StorageError as error:
            log.warning("could not remove the unused blob %s: %s", key, error)


def _identity(parsed: ParsedInstance) -> Identity:
    return Identity(
        parsed.study_instance_uid, parsed.series_instance_uid, parsed.sop_instance_uid, parsed.sop_class_uid
    )


def _incomplete(identity: Identity) -> Refused | None:
    """Refuse an instance without the four UIDs that place it (PS3.3 Section C.12.1, C.7.2.1, C.7.3.1)."""
    names = ("Study Instance UID", "Series Instance UID", "SOP Instance UID", "SOP Class UID")
    for name, uid in zip(names, astuple(identity), strict=True):
        if not is_tolerable_uid(uid):
            explanation = f"{name} is {'not a UID' if uid else 'missing'}."
            return Refused(identity.legible(), FailureReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, explanation)
    return None


def _of_another_class(identity: Identity) -> Refused | None:
    """Refuse what this archive was set up not to store (STOW-55)."""
    if not settings.ARCHIVE_SOP_CLASSES or identity.sop_class in settings.ARCHIVE_SOP_CLASSES:
        return None
    explanation = f"This archive does not store instances of SOP Class {identity.sop_class}."
    return Refused(identity, FailureReason.SOP_CLASS_NOT_SUPPORTED, explanation)


def _stored(identity: Identity, parsed: ParsedInstance, discarded: Sequence[str]) -> Stored:
    """The outcome to be, with the warning that the instance deserves."""
    if problem := _pixel_problem(parsed):
        return Stored(identity, warning=WarningReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, explanation=problem)
    if discarded:
        explanation = f"Attributes were discarded: {', '.join(discarded[:NAMED])}."
        return Stored(identity, warning=WarningReason.ELEMENTS_DISCARDED, explanation=explanation)
    return Stored(identity)


def _pixel_problem(parsed: ParsedInstance) -> str:
    """What is wrong with the pixel data, if anything: the instance is stored all the same."""
    if not any("BulkDataURI" in parsed.dataset.get(f"{tag:08X}", ()) for tag in PIXEL_DATA_TAGS):
        return ""
    expected = number_of_frames(parsed.dataset)
    if parsed.frames is None:
        return "The frames of the pixel data cannot be told apart."
    if parsed.frames.count < expected and not parsed.frames.video:
        return f"The pixel data have {parsed.frames.count} of the {expected} frames of Number of Frames."
    return ""


def _stored_twin(instance: str) -> _Twin | None:
    found = rows.select(
        "SELECT study.study_instance_uid, series.series_instance_uid, instance.sha256"
        " FROM archive_instance instance"
        " JOIN archive_series series ON series.id = instance.series_id"
        " JOIN archive_study study ON study.id = series.study_id"
        " WHERE instance.sop_instance_uid = %s",
        instance,
    )
    return _Twin(*found[0]) if found else None


def _judge_twin(stored: Stored, sha256: str, twin: _Twin) -> Outcome | None:
    """What becomes of an instance whose SOP Instance UID is taken; None: it may take the other's place."""
    identity = stored.identity
    if (twin.study, twin.series) != (identity.study, identity.series):
        return Refused(
            identity,
            FailureReason.DUPLICATE_SOP_INSTANCE,
            "Another study or series holds an instance of this SOP Instance UID.",
        )
    if twin.sha256 == sha256:
        return replace(stored, created=False)
    if settings.ARCHIVE_ON_DUPLICATE == "replace" and twin.position is None:
        return None
    return Refused(
        identity, FailureReason.DUPLICATE_SOP_INSTANCE, "Other content is stored under this SOP Instance UID."
    )
