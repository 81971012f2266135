"""Derive what can be derived from an instance: its thumbnail, and native frames where the stored ones are not.

May be done again at any time, and by several at once: what is there is not made again, and of two one is kept.
"""

import logging
from collections.abc import Callable
from enum import StrEnum

from django.conf import settings

from archive.dicom.errors import (
    MalformedDicom,
    MalformedPixelData,
    NoCodec,
    NotRenderable,
    NotTranscodable,
    UnusableViewport,
)
from archive.dicom.transfer_syntaxes import transfer_syntax
from archive.errors import Deleted, NoPixelData, NoProcess
from archive.models import DerivedKind
from archive.selectors import derived as kept
from archive.selectors import locate, thumbnails
from archive.selectors.inflation import StoredBytesDamaged
from archive.selectors.locate import StoredFrames, StoredInstance
from archive.selectors.native_frames import native_frames
from archive.services import derivations, derived
from archive.services.spool import InstanceTooLarge, Spool
from archive.storage import StorageError

log = logging.getLogger(__name__)

#: Native frames that would take more than this part of the budget are not kept: the rest would be gone.
LARGEST_PART = 10

#: Encapsulated Uncompressed Explicit VR Little Endian: the fragments are native frames.
_ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"

_NOTHING_TO_DERIVE = (NoPixelData, NotRenderable, UnusableViewport, NotTranscodable, NoCodec, InstanceTooLarge)
_MALFORMED = (MalformedPixelData, MalformedDicom, StoredBytesDamaged)


class Outcome(StrEnum):
    """What became of an instance."""

    DONE = "done"
    FAILED = "failed"
    PUT_OFF = "put off"
    NOTHING_TO_DO = "nothing to do"


def derive(pk: int) -> Outcome:
    """Derive from the instance of this primary key, unless that has been done, or has failed.

    Raises:
        DatabaseError: nothing is lost; it is waiting still.
    """
    if not settings.ARCHIVE_DERIVED_SIZE or not derivations.begin(pk):
        return Outcome.NOTHING_TO_DO
    stored = locate.by_primary_key(pk)
    if stored is None:
        return Outcome.NOTHING_TO_DO
    try:
        problems = [problem for kind, make in _MAKERS.items() if (problem := _derived(stored, kind, make))]
    except Deleted:
        return Outcome.NOTHING_TO_DO
    except (StorageError, NoProcess, OSError) as error:
        log.warning("nothing could be derived from instance %s: %s", stored.instance, error)
        again = derivations.put_off(pk, stored.sha256, str(error))
        return Outcome.PUT_OFF if again else Outcome.FAILED
    derivations.settle(pk, stored.sha256, error=" ".join(dict.fromkeys(problems)))
    return Outcome.FAILED if problems else Outcome.DONE


def _derived(stored: StoredInstance, kind: DerivedKind, make: Callable[[StoredInstance], None]) -> str:
    """Why this kind of data cannot be derived; empty where it is there, or there is nothing to derive."""
    if kind in kept.kinds(stored):
        return ""
    try:
        make(stored)
    except _NOTHING_TO_DERIVE:
        return ""
    except _MALFORMED as error:
        log.warning("no %s of instance %s: %s", kind.value, stored.instance, error)
        return str(error)
    return ""


# -- what makes each kind --------------------------------------------------------


def _make_thumbnail(stored: StoredInstance) -> None:
    with Spool() as spool:
        spool.write(thumbnails.thumbnail(stored))
        derived.keep(stored.pk, stored.sha256, DerivedKind.THUMBNAIL, spool)


def _make_frames(stored: StoredInstance) -> None:
    found = locate.frames(stored)
    if not _are_to_be_decoded(found):
        return
    native = native_frames(found)
    largest = settings.ARCHIVE_DERIVED_SIZE // LARGEST_PART
    if native.pixels.frame_length * found.index.count > largest:
        return
    length = 0
    with Spool(limit=largest) as spool:
        for number in range(1, found.index.count + 1):
            frame = native.decoded(number)
            length = length or len(frame)
            if len(frame) != length:
                raise MalformedPixelData(f"Frame {number} has not the length of the others.")
            spool.write(frame)
        derived.keep(stored.pk, stored.sha256, DerivedKind.FRAMES, spool, frame_length=length)


def _are_to_be_decoded(found: StoredFrames) -> bool:
    """Whether a frame costs more than to read its bytes: it is compressed, deflated, or does not begin with a byte."""
    if found.index.video:
        return False
    syntax = transfer_syntax(found.stored.transfer_syntax_uid)
    compressed = syntax.encapsulated and syntax.uid != _ENCAPSULATED_UNCOMPRESSED
    return compressed or syntax.deflated or bool(found.index.locate(1).bits % 8)


_MAKERS: dict[DerivedKind, Callable[[StoredInstance], None]] = {
    DerivedKind.THUMBNAIL: _make_thumbnail,
    DerivedKind.FRAMES: _make_frames,
}
