"""Instances without what identifies the patient as whole files, whose lengths are known, for what takes only such.

Each goes through a spool: no more than one of them is made at a time, and none is in memory whole.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from archive.dicom.confidentiality.deidentification import CannotDeidentify
from archive.dicom.confidentiality.held_stream import HeadTooLarge
from archive.dicom.errors import MalformedDicom, MalformedPixelData, NoCodec, NotTranscodable
from archive.selectors import deidentified
from archive.selectors.inflation import StoredBytesDamaged
from archive.selectors.locate import StoredInstance
from archive.services.spool import InstanceTooLarge, Spool

#: Why an instance has no such form.
NO_SUCH_FORM = (
    *(CannotDeidentify, HeadTooLarge, NotTranscodable, NoCodec, InstanceTooLarge),
    *(MalformedDicom, MalformedPixelData, StoredBytesDamaged),
)
#: Bytes of a file that are read at once.
PIECE = 1 << 18


def without_identity(stored: StoredInstance) -> Spool:
    """The instance as a de-identified file; to be closed.

    Raises:
        One of `NO_SUCH_FORM`: it has none.
        StorageError, NoProcess, Deleted: it cannot be made, at present or any more.
    """
    with ExitStack() as stack:
        spool = stack.enter_context(Spool())
        for piece in deidentified.instance(stored, deidentified.given_syntax(stored.transfer_syntax_uid)):
            spool.write(piece)
        stack.pop_all()
    return spool


def pieces(spool: Spool) -> Iterator[bytes]:
    """The file from its beginning."""
    file = spool.file()
    while piece := file.read(PIECE):
        yield piece
