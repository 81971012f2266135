"""Store instances: parse each once, make its bytes durable, then make all of one request visible together.

A crash at any moment leaves an instance wholly visible or not at all, and at worst a blob that no row refers to.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db import DatabaseError

from archive import rows
from archive.audit import trail
from archive.audit.events import Action
from archive.dicom.errors import MalformedDicom, NotCoercible, NotDicom
from archive.dicom.reading import part10
from archive.dicom.reading.part10 import ParsedInstance
from archive.errors import ArchiveError
from archive.services import checks, coercion
from archive.services.blob_removal import delete_blobs
from archive.services.outcomes import FailureReason, Identity, Outcome, Refused, Stored
from archive.services.record import AlreadyStored, NewInstance, record
from archive.services.spool import InstanceTooLarge, Spool
from archive.storage import StorageError, io_pool, new_key

log = logging.getLogger(__name__)

#: Deflated objects are inflated to be parsed: what a few megabytes can swell to is limited on its own.
LARGEST_INFLATED = 2 << 30
#: So many blobs of one request may wait to be written: it bounds the memory of a fast sender.
WRITES_AHEAD = 8

NOBODY = Identity()


class StoreFailed(ArchiveError):
    """The database did not take the instances; none of the request is visible."""


@dataclass(frozen=True, slots=True)
class _Twin:
    """What is stored under the SOP Instance UID of an instance, or will be by an earlier part of the same request."""

    study: str
    series: str
    sha256: str
    #: Of what was sent, where that was changed.
    received_sha256: str = ""
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
        #: By Study Instance UID, what instances are not to contradict.
        self._facts: dict[str, coercion.Facts] = {}
        #: By SOP Instance UID, what earlier parts bring.
        self._twins: dict[str, _Twin] = {}
        #: Repeated parts, with the position of the part whose outcome is theirs too.
        self._repeats: dict[int, int] = {}
        trail.note(Action.STORE_BEGUN, study or "")

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
        identity = checks.identity_of(parsed)
        if refused := self._refusal(identity):
            return refused
        stored = checks.outcome_of(identity, parsed, discarded)
        twin = self._twins.get(identity.instance) or _stored_twin(identity.instance)
        if twin and (outcome := _judge_twin(stored, spool.sha256, twin)):
            if isinstance(outcome, Stored) and twin.position is not None:
                self._repeats[position] = twin.position
            return outcome
        changes = self._conflicts(parsed)
        if not changes:
            self._begin(position, spool, parsed, stored)
            return None
        try:
            coerced = coercion.coerce(spool.file(), parsed, stored, changes)
        except (NotCoercible, InstanceTooLarge, MalformedDicom) as error:
            return Refused(identity, FailureReason.PROCESSING_FAILURE, str(error))
        spool.close()
        self._begin(position, coerced.spool, coerced.parsed, coerced.stored, received_sha256=spool.sha256)
        return None

    def _begin(
        self, position: int, spool: Spool, parsed: ParsedInstance, stored: Stored, *, received_sha256: str = ""
    ) -> None:
        """Begin to write the bytes of an instance that is to be stored."""
        key, identity = new_key(), stored.identity
        new = NewInstance.of(
            parsed,
            blob_key=key,
            size=spool.size,
            sha256=spool.sha256,
            crc32=spool.crc32,
            received_sha256=received_sha256,
        )
        self._twins[identity.instance] = _Twin(identity.study, identity.series, new.sha256, received_sha256, position)
        self._make_room()
        self._pending[position] = _Pending(new, stored, io_pool().submit(spool.put, key))

    def _conflicts(self, parsed: ParsedInstance) -> coercion.Values:
        """What the instance says otherwise than its study, by what is to be said (STOW-85)."""
        if settings.ARCHIVE_ON_CONFLICT == "keep":
            return {}
        study = parsed.study_instance_uid
        facts = self._facts.get(study) or coercion.stored_facts(study) or coercion.facts(parsed.dataset)
        self._facts[study] = facts
        return coercion.conflicts(parsed.dataset, facts)

    def _refusal(self, identity: Identity) -> Refused | None:
        return checks.incomplete(identity) or self._of_another_study(identity) or checks.of_another_class(identity)

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
        outcomes = [outcome for outcome in self._outcomes if outcome is not None]
        _note(outcomes)
        return outcomes

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
            sent = pending.new.received_sha256 or pending.new.sha256
            if twin and (outcome := _judge_twin(pending.stored, sent, twin)):
                self._settle(position, outcome)
                surplus.append(pending.new.blob_key)
        delete_blobs(surplus)

    def abandon(self) -> None:
        """Forget the request: nothing of it becomes visible, what was written is removed."""
        written = [p.new.blob_key for p in self._pending.values() if p.written.exception() is None]
        self._pending.clear()
        delete_blobs(written)


def _note(outcomes: Sequence[Outcome]) -> None:
    """What was stored already is not stored."""
    stored = {outcome.identity.study for outcome in outcomes if isinstance(outcome, Stored) and outcome.created}
    refused = {outcome.identity.study for outcome in outcomes if isinstance(outcome, Refused)}
    if stored:
        trail.note(Action.STORED, *stored)
    if refused:
        trail.note(Action.STORED, *refused, succeeded=False)


def _stored_twin(instance: str) -> _Twin | None:
    found = rows.select(
        "SELECT study.study_instance_uid, series.series_instance_uid, instance.sha256,"
        " instance.received_sha256"
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
    if sha256 == twin.sha256:
        return replace(stored, created=False)
    if sha256 == twin.received_sha256:
        return coercion.coerced_before(stored)
    if settings.ARCHIVE_ON_DUPLICATE == "replace" and twin.position is None:
        return None
    return Refused(
        identity, FailureReason.DUPLICATE_SOP_INSTANCE, "Other content is stored under this SOP Instance UID."
    )
