"""Instances of an order made ready to be sent: as they are stored, or without what identifies the patient.

What is de-identified is whole, and its length known, before a request begins.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from archive.deidentification import NO_SUCH_FORM, pieces, without_identity
from archive.dicom.pieces import Streamed
from archive.errors import ArchiveError, Deleted
from archive.models import OrderedInstance
from archive.selectors import content, deidentified, locate
from archive.selectors.locate import StoredInstance
from archive.storage import BlobMissing, BlobTruncated, StorageError

#: Bytes of one request. What is larger goes alone.
LARGEST_TOGETHER = 50 << 20

GONE = "It has been deleted here since."
LOST = "Its stored bytes are missing or damaged here."


class CannotBeRead(ArchiveError):
    """The bytes of an instance were not to be had while they were sent."""

    def __init__(self, instance: int, *, for_good: bool) -> None:
        super().__init__(LOST if for_good else "Stored objects cannot be read here at present.")
        self.instance = instance
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Parcel:
    """An instance that is ready: the primary key in its order, the UID that the destination knows it by, its bytes."""

    pk: int
    uid: str
    content: Streamed


@dataclass(frozen=True, slots=True)
class Unsendable:
    """An instance that cannot be made ready, and why."""

    pk: int
    reason: str


def parcels(wanted: Sequence[OrderedInstance], stack: ExitStack, *, deidentify: bool) -> Iterator[Parcel | Unsendable]:
    """The instances, as many of them as go together.

    Args:
        stack: closes what parcels hold, once they have been sent.

    Raises:
        StorageError, NoProcess: something that is needed is away.
    """
    found = {stored.instance: stored for stored in locate.among([one.sop_instance_uid for one in wanted])}
    room = LARGEST_TOGETHER
    for one in wanted:
        stored = found.get(one.sop_instance_uid)
        if stored is None or stored.study != one.study_instance_uid:
            yield Unsendable(one.pk, GONE)
            continue
        if stored.size > room < LARGEST_TOGETHER:
            return
        made = _deidentified(one.pk, stored, stack) if deidentify else _as_stored(one.pk, stored)
        room -= stored.size if isinstance(made, Parcel) else 0
        yield made


def _as_stored(pk: int, stored: StoredInstance) -> Parcel:
    return Parcel(pk, stored.instance, Streamed(stored.size, partial(_read, pk, stored)))


def _read(pk: int, stored: StoredInstance) -> Iterator[bytes]:
    try:
        yield from content.whole(stored)
    except StorageError as error:
        raise CannotBeRead(pk, for_good=isinstance(error, BlobMissing | BlobTruncated)) from error


def _deidentified(pk: int, stored: StoredInstance, stack: ExitStack) -> Parcel | Unsendable:
    try:
        spool = stack.enter_context(without_identity(stored))
    except NO_SUCH_FORM as error:
        return Unsendable(pk, str(error))
    except Deleted:
        return Unsendable(pk, GONE)
    except (BlobMissing, BlobTruncated):
        return Unsendable(pk, LOST)
    return Parcel(pk, deidentified.replacement(stored.instance), Streamed(spool.size, partial(pieces, spool)))
